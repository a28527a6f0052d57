"""The table of settings that change without a restart: what ships, how a value is read, and what it is for."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import addresses
from accounts.authority.verbs import VERBS

#: Longest list that a setting takes.
LINES = 200


class Option(NamedTuple):
    """A setting: what ships, how a value is read (raises ValueError with a sentence), and how a page explains it.

    `verb` is what it takes to change it.
    """

    name: str
    default: Any
    read: Callable[[Any], Any]
    title: str | Promise
    help: str | Promise
    section: str | Promise
    verb: str = "settings.change"


def _lines(check: Callable[[str], object]) -> Callable[[Any], list[str]]:
    """Make a reader of a list, given as one or as lines of text."""

    def read(value: Any) -> list[str]:
        parts = value.replace(",", "\n").splitlines() if isinstance(value, str) else [str(part) for part in value]
        found = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
        if len(found) > LINES:
            raise ValueError(_("At most %s lines.") % LINES)
        for part in found:
            check(part)
        return found

    return read


def _number(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        try:
            found = int(value)
        except (TypeError, ValueError):
            raise ValueError(_("Write a whole number.")) from None
        if not least <= found <= most:
            raise ValueError(_("Write a number from %s to %s.") % (least, most))
        return found

    return read


def _text(longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        found = str(value).replace("\r\n", "\n").strip()
        if len(found) > longest or "\x00" in found:
            raise ValueError(_("Write at most %s characters.") % longest)
        return found

    return read


def _yes_or_no(value: Any) -> str:
    found = str(value).strip().lower()
    if found not in ("yes", "no"):
        raise ValueError(_("Write yes or no."))
    return found


def _channel(text: str) -> None:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:17]) < 2**53):
        raise ValueError(_("%s is no number of a channel: write 12 for the one at /c/12.") % text)


def _domain(text: str) -> None:
    if "." not in text or "@" in text or any(part == "" for part in text.split(".")) or not text.isascii():
        raise ValueError(_("%s is no domain: write it like example.com.") % text)


def _role(text: str) -> None:
    known = sorted({role for verb in VERBS.values() for role in verb.roles})
    if text not in known:
        raise ValueError(_("There is no role %s. There are: %s.") % (text, ", ".join(known)))


#: What one administrator alone could turn against the others, and against those who watch.
_GUARDS = "safeguard.change"
_PEOPLE, _SIGNIN, _NETWORKS, _PRIVACY = _("People"), _("Signing in"), _("Networks"), _("Privacy")
_CONVERSATIONS = _("Conversations")

OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        Option(
            "name",
            "",
            _text(64),
            _("Name of the workspace"),
            _("Shown on every page. Empty: the name given at the start."),
            _PEOPLE,
        ),
        Option(
            "signup_domains",
            [],
            _lines(_domain),
            _("Domains that may sign up"),
            _("Whoever proves an e-mail address at one of these may join as a member. None: by invitation only."),
            _PEOPLE,
        ),
        Option(
            "invitation_days",
            7,
            _number(1, 90),
            _("Invitations last (days)"),
            _("After this an invitation no longer opens an account."),
            _PEOPLE,
        ),
        Option(
            "dormant_days",
            90,
            _number(0, 3650),
            _("Suspend after (days without use)"),
            _("An account not used for so long is suspended; an administrator lets it in again. 0: never."),
            _PEOPLE,
            _GUARDS,  # a day would shut out every owner, officer and auditor who was not here since yesterday
        ),
        Option(
            "edit_minutes",
            0,
            _number(0, 525600),
            _("Members may edit and delete for (minutes)"),
            _("After this only moderators delete what a member said, and nobody changes it. 0: no such time."),
            _CONVERSATIONS,
        ),
        Option(
            "edit_history",
            "no",
            _yes_or_no,
            _("Members see what an edited message said before (yes or no)"),
            _("The record keeps every version in any case. A deleted message shows none."),
            _CONVERSATIONS,
        ),
        Option(
            "broad_mention_members",
            100,
            _number(2, 1_000_000),
            _("Members may mention everybody in conversations of up to (members)"),
            _(
                "In larger ones only owners and moderators use @channel, @here and user groups, unless the "
                "conversation's rules let members."
            ),
            _CONVERSATIONS,
        ),
        Option(
            "report_hours",
            24,
            _number(0, 8760),
            _("Warn of reports that wait (hours)"),
            _("The dashboard warns where a report to the moderators is undecided for longer. 0: never."),
            _CONVERSATIONS,
        ),
        Option(
            "default_channels",
            [],
            _lines(_channel),
            _("Channels for who arrives"),
            _("Who comes as a member is put into these public channels. 12 stands for the one at /c/12."),
            _CONVERSATIONS,
        ),
        Option(
            "factor_roles",
            ["owner", "administrator", "officer", "auditor"],
            _lines(_role),
            _("Roles that need a second factor"),
            _("Whoever holds one of these must set up a second factor."),
            _SIGNIN,
            _GUARDS,
        ),
        Option(
            "factor_grace_days",
            7,
            _number(0, 90),
            _("Time to set it up (days)"),
            _("For so long after the role was given one may still sign in without a second factor."),
            _SIGNIN,
            _GUARDS,
        ),
        Option(
            "idle_minutes",
            0,
            _number(0, 525600),
            _("Sign out when idle (minutes)"),
            _("A session without use for so long ends, in the browser too. 0: only the longest time counts."),
            _SIGNIN,
        ),
        Option(
            "session_hours",
            336,
            _number(1, 8760),
            _("Sign out after (hours)"),
            _("The longest that a session lasts, used or not."),
            _SIGNIN,
        ),
        Option(
            "networks_administrator",
            [],
            _lines(addresses.network),
            _("Networks of owners and administrators"),
            _("Administration is open only from these, such as 10.0.0.0/8. None: from everywhere."),
            _NETWORKS,
            _GUARDS,
        ),
        Option(
            "networks_officer",
            [],
            _lines(addresses.network),
            _("Networks of officers and auditors"),
            _("The record and the trail are open only from these. None: from everywhere."),
            _NETWORKS,
            _GUARDS,
        ),
        Option(
            "notice",
            "",
            _text(4000),
            _("Notice of monitoring"),
            _("Shown after signing in and accepted once a version. Empty: none is shown."),
            _PRIVACY,
        ),
        Option(
            "private_mode",
            1,
            _number(0, 1),
            _("People may hide how they are"),
            _(
                "1: each may hide from colleagues whether they are there, when they last were, that they write and "
                "what they have read. 0: nobody may. Nothing of it is hidden from the record."
            ),
            _PRIVACY,
        ),
    )
}


def in_sql(name: str) -> str:
    """Write the SQL that reads a setting which is a whole number, as it is at that statement."""
    return f"coalesce((select (value #>> '{{}}')::int from setting where name = '{name}'), {OPTIONS[name].default})"
