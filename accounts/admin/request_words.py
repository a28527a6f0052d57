"""A request for four eyes, in words: what would be done, so that nobody approves what they can't read."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Approval, User
from accounts.verbs import VERBS

#: For a verb, its sentences.
Words = Callable[[Approval], list[str]]


def of(approval: Approval) -> list[str]:
    """Say what a request asks for, a sentence each; the data beside it says the rest."""
    known = _SENTENCES.get(approval.verb)
    return known(approval) if known else [_("%s.") % VERBS[approval.verb].title]


def _subject(approval: Approval) -> dict[str, Any]:
    user = approval.subject or User(name="?", username="?")
    return {"name": user.name, "username": user.username}


def _owner(approval: Approval) -> list[str]:
    return [_("%(name)s (@%(username)s) becomes an owner of this workspace, at once.") % _subject(approval)]


def _officer(approval: Approval) -> list[str]:
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


_SENTENCES: Mapping[str, Words] = {
    "owner.grant": _owner,
    "officer.propose": _officer,
    "person.email": _email,
    "factor.reset": _factor,
}
