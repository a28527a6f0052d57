"""A request for four eyes, in words: what would be done, so that nobody approves what they can't read."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.authority.verbs import VERBS
from accounts.models import Approval, Segment, User

#: So many people are named; the data beside it has the rest.
NAMED = 50

#: For a verb, its sentences.
Words = Callable[[Approval], list[str]]


def of(approval: Approval) -> list[str]:
    """Say what a request asks for, a sentence each; the data beside it says the rest."""
    known = _SENTENCES.get(approval.verb)
    return known(approval) if known else [_("%s.") % VERBS[approval.verb].title]


def _subject(approval: Approval) -> dict[str, Any]:
    user = approval.subject or User(name="?", username="?")
    return {"name": user.name, "username": user.username}


def _own_role(approval: Approval) -> list[str]:
    """Say what a role of the workspace's own lets one do, whatever it is called."""
    titles = (str(VERBS[verb].title) for verb in approval.request.get("verbs", []) if verb in VERBS)
    facts = _subject(approval) | {"role": approval.request.get("role", ""), "verbs": "; ".join(titles)}
    return [
        _("%(name)s (@%(username)s) becomes %(role)s.") % facts,
        _("This role lets its holders: %(verbs)s.") % facts,
    ]


def _owner(approval: Approval) -> list[str]:
    if "verbs" in approval.request:
        return _own_role(approval)
    return [_("%(name)s (@%(username)s) becomes an owner of this workspace, at once.") % _subject(approval)]


def _officer(approval: Approval) -> list[str]:
    if "verbs" in approval.request:
        return [*_own_role(approval), _("It counts a day after it is approved.")]
    facts = _subject(approval) | {"role": approval.request.get("role", "")}
    return [
        _("%(name)s (@%(username)s) becomes %(role)s, a day after it is approved.") % facts,
        _("An officer reads the record within cases, places holds and exports."),
    ]


def _email(approval: Approval) -> list[str]:
    facts = _subject(approval) | {"email": approval.request.get("email", "")}
    return [
        _("The e-mail address of %(name)s (@%(username)s) becomes %(email)s.") % facts,
        _("Both addresses are told, and every session of the person ends."),
    ]


def _factor(approval: Approval) -> list[str]:
    return [
        _("Every second factor of %(name)s (@%(username)s) is taken away.") % _subject(approval),
        _("The person is told, every session ends, and a new factor has to be set up at the next sign-in."),
    ]


def _barrier(approval: Approval) -> list[str]:
    asked = approval.request
    if asked.get("change") == "members":
        segment = Segment.objects.filter(pk=asked.get("segment")).first()
        name = segment.name if segment else "?"
        coming, going = asked.get("add", []), asked.get("remove", [])
        into = [_("Into %(name)s come: %(people)s.") % {"name": name, "people": _people(coming)}] if coming else []
        out = [_("Out of %(name)s go: %(people)s.") % {"name": name, "people": _people(going)}] if going else []
        return into + out
    names = Segment.objects.in_bulk([asked.get("one"), asked.get("other")])
    facts = {"one": str(names.get(asked.get("one"), "?")), "other": str(names.get(asked.get("other"), "?"))}
    if asked.get("change") == "raise":
        return [_("Between %(one)s and %(other)s a barrier is raised: their people can't talk.") % facts]
    return [_("Between %(one)s and %(other)s the barrier is lifted: their people can talk again.") % facts]


def _people(ids: list[int]) -> str:
    named = User.objects.filter(pk__in=ids).order_by("username").values_list("username", flat=True)
    shown = ", ".join(f"@{username}" for username in named[:NAMED])
    return shown if len(ids) <= NAMED else _("%(shown)s and %(rest)s more") % {"shown": shown, "rest": len(ids) - NAMED}


_SENTENCES: Mapping[str, Words] = {
    "owner.grant": _owner,
    "officer.propose": _officer,
    "person.email": _email,
    "factor.reset": _factor,
    "barrier.change": _barrier,
}
