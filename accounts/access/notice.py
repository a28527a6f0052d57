"""The notice that monitoring takes place: its version, and who has accepted that."""

import hashlib
from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from accounts import workspace
from accounts.actor import Actor
from accounts.models import NoticeAcceptance, Setting
from audit import trail

#: Where a session remembers which version its person has accepted.
_SEEN = "notice"
#: The version in force; null for none. It has nothing of a person in it, so a statement about many asks it once.
_IN_FORCE = """(
    select left(encode(sha256(convert_to(n.value #>> '{}', 'UTF8')), 'hex'), 16) from setting n
    where n.name = 'notice' and n.value #>> '{}' <> '')"""
#: Of a person `u`: nothing is left to accept.
ACCEPTED = f"""({_IN_FORCE} is null or exists (
    select from notice_acceptance a where a.user_id = u.id and a.version = {_IN_FORCE}))"""


def text() -> str:
    """Give the notice as it is now; empty for none."""
    return str(workspace.value("notice"))


def version(notice: str) -> str:
    """Name the version of a notice: another text is another version."""
    return hashlib.sha256(notice.encode()).hexdigest()[:16]


def changed_at() -> datetime | None:
    """Say since when this version is in force."""
    return Setting.objects.filter(name="notice").values_list("changed_at", flat=True).first()


def is_due(session: SessionBase, user: int) -> bool:
    """Tell whether somebody has yet to accept the notice. No query for whoever did so in this session."""
    notice = text()
    if not notice or session.get(_SEEN) == version(notice):
        return False
    if NoticeAcceptance.objects.filter(user=user, version=version(notice)).exists():
        session[_SEEN] = version(notice)
        return False
    return True


def accept(actor: Actor, shown: str, session: SessionBase) -> bool:
    """Accept the version that was shown; False where it is not the one in force any more."""
    assert actor.user is not None
    if shown != version(text()):
        return False
    with transaction.atomic():
        _row, is_new = NoticeAcceptance.objects.get_or_create(user=actor.user, version=shown)
        if is_new:
            trail.record(
                actor=actor.id,
                verb="notice.accept",
                target=f"user:{actor.id}",
                after={"version": shown},
                category="account",
                origin=actor.origin,
            )
    session[_SEEN] = shown
    return True
