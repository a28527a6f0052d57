"""What a moderator sees of a conversation for a report: the message, and five messages on either side. No more.

A moderator needn't be a member, so each look is on the trail before anything is shown.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.models import User
from accounts.refusal import Refusal
from audit import trail
from messaging.database import rows
from messaging.mentions import find
from messaging.models import Report, UserGroup
from messaging.reviewing import VERB, reviewable
from messaging.rights import IS_SHOWN

#: Messages on either side.
AROUND = 5
#: Versions of the message that are shown beside the reported one, the newest ones.
VERSIONS = 20

_WORDS = "e.seq, coalesce(e.body, ''), coalesce(e.said_at, e.at)"
_OF_MESSAGE = "e.conversation_id = %(conversation)s and (e.seq = %(seq)s or e.target = %(seq)s and e.kind = 'edit')"
_VERSIONS = f"""
select {_WORDS} from event e where e.conversation_id = %(conversation)s and e.seq = %(version)s
union
(select {_WORDS} from event e where {_OF_MESSAGE} order by e.seq desc limit {VERSIONS})
order by 1
"""
_STATE = """
select e.thread, e.payload -> 'also' = 'true'::jsonb, s.deleted_at, s.deleted_by, e.expires_at from event e
left join message_state s on s.conversation_id = e.conversation_id and s.seq = e.seq
where e.conversation_id = %(conversation)s and e.seq = %(seq)s
"""
#: Where it was read: among the messages of the room, or in its thread.
_IN_ROOM = "(e.thread is null or e.payload -> 'also' = 'true'::jsonb)"
_IN_THREAD = "(e.thread = %(thread)s or e.seq = %(thread)s)"


def _side(place: str, comparison: str, order: str) -> str:
    return f"""
        select e.seq, e.author_id, coalesce(e.said_at, e.at), coalesce(s.body, e.body, ''), s.deleted_at is not null,
            s.edited_at is not null
        from event e left join message_state s on s.conversation_id = e.conversation_id and s.seq = e.seq
        where e.conversation_id = %(conversation)s and e.kind = 'message' and e.seq {comparison} %(seq)s
            and {IS_SHOWN} and {place}
        order by e.seq {order} limit {AROUND}"""


_BESIDE = {
    is_thread: f"select * from ({_side(place, '<', 'desc')}) b union all select * from ({_side(place, '>', 'asc')}) a"
    for is_thread, place in ((False, _IN_ROOM), (True, _IN_THREAD))
}


class Version(NamedTuple):
    """What the message said, from when on; whether it was reported so."""

    seq: int
    words: str
    at: datetime
    is_reported: bool


class Line(NamedTuple):
    """A message beside it, as it is now."""

    seq: int
    author: User | None
    at: datetime
    words: str
    is_deleted: bool
    is_edited: bool


class Look(NamedTuple):
    """What is shown of a conversation."""

    versions: list[Version]
    deleted_at: datetime | None
    deleted_by: User | None
    expires_at: datetime | None
    before: list[Line]
    after: list[Line]


def look(actor: Actor, report: Report) -> Look:
    """Show a reported message as it was and is, with the messages around it, to who may review the report.

    The look is on the trail when this returns: by whom, of which conversation, which messages. Raises Refusal.
    """
    rights.require(actor, VERB)
    with transaction.atomic():
        if not reviewable(actor).filter(pk=report.pk).exists():
            raise Refusal("not_found", _("There is no such report."))
        found = _read(report)
        seqs = [line.seq for line in (*found.before, *found.after)]
        trail.record(
            actor=actor.id,
            verb="report.look",
            target=f"report:{report.pk}",
            after={"conversation": report.conversation_id, "seq": report.seq, "around": seqs},
            origin=actor.origin,
        )
    return found


def _read(report: Report) -> Look:
    params = {"conversation": report.conversation_id, "seq": report.seq, "version": report.version}
    versions = rows(_VERSIONS, params)
    thread, is_also, deleted_at, deleted_by, expires_at = rows(_STATE, params)[0]
    is_thread = thread is not None and not is_also
    beside = sorted(rows(_BESIDE[is_thread], params | ({"thread": thread} if is_thread else {})))
    names = _names([words for _seq, words, _at in versions] + [row[3] for row in beside])
    known = User.objects.defer("password").in_bulk({row[1] for row in beside} | {deleted_by} - {None})
    lines = [
        Line(seq, known.get(author), at, "" if is_deleted else _named(words, names), is_deleted, is_edited)
        for seq, author, at, words, is_deleted, is_edited in beside
    ]
    return Look(
        [Version(seq, _named(words, names), at, seq == report.version) for seq, words, at in versions],
        deleted_at,
        known.get(deleted_by),
        expires_at,
        [line for line in lines if line.seq < report.seq],
        [line for line in lines if line.seq > report.seq],
    )


def _names(texts: list[str]) -> dict[str, str]:
    """Look up how the people and groups are called whom texts mention, by how they are mentioned."""
    found = [who for text in texts for who in find(text)]
    people = User.objects.filter(pk__in={who for who in found if isinstance(who, int)})
    groups = UserGroup.objects.filter(pk__in={who["group"] for who in found if isinstance(who, dict)})
    known = {f"<@{id}>": f"@{username}" for id, username in people.values_list("pk", "username")}
    known |= {f"<&{id}>": f"@{handle}" for id, handle in groups.values_list("pk", "handle")}
    return known | {"<!channel>": "@channel", "<!here>": "@here"}


def _named(text: str, names: dict[str, str]) -> str:
    """Write mentions as people read them."""
    for mention, name in names.items():
        text = text.replace(mention, name)
    return text
