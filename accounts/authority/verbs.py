"""The table of verbs: what can be done in a workspace, who may, who may let others, and what it asks for.

This is the one place. `docs/roles.md` is rendered from it, `accounts.rights` answers by it, and the tests go through
every row. What somebody may do *within* a conversation depends on the role there: `messaging.rights` has that table.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Duty = Literal["talk", "moderation", "administration", "ownership", "compliance", "oversight"]
#: What a token must have been given for the verb; None: no token will do, only a person in a session.
Scope = Literal["read", "write", "manage"] | None

SCOPES: dict[str, str] = {
    "read": "Read conversations, their members and the directory",
    "write": "Send, edit, delete and react",
    "manage": "Create and change conversations, add and remove members",
}


class Verb(NamedTuple):
    """A row: something that can be done.

    `roles` hold it; `may_grant` may give somebody a role that holds it. `is_stepped_up`: only within ten minutes of
    showing one's factors again. `approved_by`: the verb that a second person needs who approves the exact request.
    """

    name: str
    title: str
    duty: Duty
    roles: tuple[str, ...]
    may_grant: tuple[str, ...]
    scope: Scope = None
    is_stepped_up: bool = False
    approved_by: str | None = None


_EVERYBODY = ("member", "guest", "bot")
_INSIDERS = ("member", "bot")
_ADMINISTRATORS = ("administrator", "owner")
_OWNER = ("owner",)

VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        # talk: what makes a colleague. It comes with being in the workspace.
        Verb("conversation.read", "Read one's conversations", "talk", _EVERYBODY, _ADMINISTRATORS, "read"),
        Verb("message.post", "Send, edit and react", "talk", _EVERYBODY, _ADMINISTRATORS, "write"),
        Verb("message.report", "Report messages to the moderators", "talk", _EVERYBODY, _ADMINISTRATORS, "write"),
        Verb("directory.read", "Look people up", "talk", _INSIDERS, _ADMINISTRATORS, "read"),
        Verb("channel.join", "Find and join public channels", "talk", _INSIDERS, _ADMINISTRATORS, "manage"),
        Verb("conversation.create", "Open conversations", "talk", _INSIDERS, _ADMINISTRATORS, "manage"),
        Verb("member.add", "Add people to one's conversations", "talk", _INSIDERS, _ADMINISTRATORS, "manage"),
        Verb(
            "member.remove",
            "Leave, and remove people where one moderates",
            "talk",
            _EVERYBODY,
            _ADMINISTRATORS,
            "manage",
        ),
        Verb(
            "conversation.change",
            "Change conversations where one's role there lets one",
            "talk",
            _EVERYBODY,
            _ADMINISTRATORS,
            "manage",
        ),
        Verb(
            "conversation.moderate",
            "Mute and ban people where one moderates",
            "talk",
            _EVERYBODY,
            _ADMINISTRATORS,
            "manage",
        ),
        Verb("token.create", "Make tokens for one's programs", "talk", ("member",), _ADMINISTRATORS, None, True),
        # moderation
        Verb("report.review", "Review what was reported", "moderation", ("moderator",), _ADMINISTRATORS),
        Verb("person.mute", "Mute people for a time", "moderation", ("moderator",), _ADMINISTRATORS),
        # administration: people, roles and settings; never what was said
        Verb("admin.open", "Open the administration", "administration", _ADMINISTRATORS, _OWNER),
        Verb("person.list", "See people and their accounts", "administration", _ADMINISTRATORS, _OWNER),
        Verb("person.invite", "Invite people", "administration", _ADMINISTRATORS, _OWNER),
        Verb("person.import", "Import people from a file", "administration", _ADMINISTRATORS, _OWNER, None, True),
        Verb("person.change", "Change names and usernames", "administration", _ADMINISTRATORS, _OWNER),
        Verb("person.suspend", "Suspend people and let them in again", "administration", _ADMINISTRATORS, _OWNER),
        Verb("person.deactivate", "Deactivate accounts", "administration", _ADMINISTRATORS, _OWNER, None, True),
        Verb("person.link", "Link two accounts of one person", "administration", _ADMINISTRATORS, _OWNER, None, True),
        Verb(
            "person.email",
            "Change somebody's e-mail address",
            "administration",
            _ADMINISTRATORS,
            _OWNER,
            None,
            True,
            "person.email",
        ),
        Verb(
            "factor.reset",
            "Reset somebody's second factor",
            "administration",
            _ADMINISTRATORS,
            _OWNER,
            None,
            True,
            "factor.reset",
        ),
        Verb("session.end", "Sign others out", "administration", _ADMINISTRATORS, _OWNER),
        Verb("token.revoke", "Revoke others' tokens", "administration", _ADMINISTRATORS, _OWNER),
        Verb("bot.manage", "Make bots and their tokens", "administration", _ADMINISTRATORS, _OWNER, None, True),
        Verb("conversation.list", "See facts about conversations", "administration", _ADMINISTRATORS, _OWNER),
        Verb(
            "conversation.hand_over",
            "Name an owner of a conversation that has none",
            "administration",
            _ADMINISTRATORS,
            _OWNER,
            None,
            True,
        ),
        Verb("user_group.manage", "Make user groups and say who is in them", "administration", _ADMINISTRATORS, _OWNER),
        Verb("settings.change", "Change settings", "administration", _ADMINISTRATORS, _OWNER, None, True),
        Verb("role.grant", "Give and end roles", "administration", _ADMINISTRATORS, _OWNER, None, True),
        Verb("role.define", "Define roles of one's own", "administration", _OWNER, _OWNER, None, True),
        Verb("role.attest", "Attest who holds what, each quarter", "administration", _ADMINISTRATORS, _OWNER),
        Verb(
            "barrier.change",
            "Change barriers",
            "administration",
            _ADMINISTRATORS,
            _OWNER,
            None,
            True,
            "barrier.change",
        ),
        # ownership
        Verb("owner.grant", "Make owners", "ownership", _OWNER, _OWNER, None, True, "owner.grant"),
        Verb("officer.propose", "Propose officers", "ownership", _OWNER, _OWNER, None, True, "officer.accept"),
        Verb(
            "safeguard.change",
            "Change what guards administrators and officers",
            "ownership",
            _OWNER,
            _OWNER,
            None,
            True,
        ),
        # compliance: the record, and never roles
        Verb("officer.accept", "Accept proposed officers", "compliance", ("officer",), _OWNER, None, True),
        Verb("case.open", "Open cases", "compliance", ("officer",), _OWNER, None, True),
        Verb("record.search", "Search the record within a case", "compliance", ("officer",), _OWNER),
        Verb("hold.place", "Place holds", "compliance", ("officer",), _OWNER, None, True),
        Verb("hold.release", "Release holds", "compliance", ("officer",), _OWNER, None, True, "hold.release"),
        Verb("record.export", "Export the record", "compliance", ("officer",), _OWNER, None, True, "record.export"),
        # oversight: reads, changes nothing
        Verb("trail.read", "Read the trail", "oversight", ("auditor",), _OWNER),
        Verb("verification.read", "Read verifications", "oversight", ("auditor",), _OWNER),
    )
}

#: Duties that nobody has together: who runs the workspace doesn't read its record, and who watches does neither.
EXCLUSIVE: tuple[tuple[frozenset[Duty], frozenset[Duty]], ...] = (
    (frozenset({"administration", "ownership"}), frozenset({"compliance"})),
    (frozenset({"administration", "ownership", "compliance", "moderation"}), frozenset({"oversight"})),
)


def duties(verbs: Iterable[str]) -> frozenset[Duty]:
    """Collect the duties that verbs belong to."""
    return frozenset(VERBS[verb].duty for verb in verbs)


def conflict(verbs: Iterable[str]) -> str | None:
    """Name two duties among these verbs that exclude each other; None where they can be one person's."""
    found = duties(verbs)
    for one, other in EXCLUSIVE:
        if found & one and found & other:
            return f"{min(found & one)} and {min(found & other)}"
    return None
