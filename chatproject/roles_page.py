"""Renders `docs/roles.md` from the tables of verbs."""

from accounts.authority import roles, verbs
from accounts.authority.verbs import VERBS
from messaging import rights

_HEAD = """# Roles, and what they may do

Rendered from `accounts/authority/verbs.py` and `messaging/rights.py` by `manage.py roles_page`;
`make check` fails where it is stale.

Everybody is a member, a guest or a bot; roles are given on top. A role is a set of verbs, and an owner may make further
ones of the same verbs. Nobody gives a role to oneself. What is marked ¹ is done within ten minutes of showing one's
factors again (step-up); what is marked ² is carried out only once a second person approves the exact request, who has
held the role for a day; neither of the two may have appointed, invited or reset the other. A request lapses after 72
hours.

"""
_DUTIES = {
    "talk": "Talk",
    "moderation": "Moderation",
    "administration": "Administration: people, roles and settings, never what was said",
    "ownership": "Ownership",
    "compliance": "Compliance: the record, never roles",
    "oversight": "Oversight: reads, changes nothing",
}


def _table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _mark(*, is_held: bool) -> str:
    return "yes" if is_held else ""


def _workspace() -> str:
    names = [*roles.STANDINGS, *roles.TITLES]
    parts = []
    for duty, title in _DUTIES.items():
        lines = []
        for verb in VERBS.values():
            if verb.duty != duty:
                continue
            notes = ("¹" if verb.is_stepped_up else "") + ("²" if verb.approved_by else "")
            held = [_mark(is_held=name in verb.roles) for name in names]
            lines.append([f"`{verb.name}`{notes}", verb.title, *held, verb.scope or "", ", ".join(verb.may_grant)])
        head = ["verb", "", *names, "token's scope", "may grant it"]
        parts.append(f"## {title}\n\n{_table(head, lines)}")
    return "\n".join(parts)


def _exclusive() -> str:
    lines = [f"- {', '.join(sorted(one))} with {', '.join(sorted(other))}" for one, other in verbs.EXCLUSIVE]
    return "## Duties that nobody holds together\n\n" + "\n".join(lines) + "\n"


def _conversation() -> str:
    names = ["member", "moderator", "owner"]
    lines = [[verb, *[_mark(is_held=name in held) for name in names]] for verb, held in rights.VERBS.items()]
    head = "## Within a conversation\n\nBy the role there, on top of what the workspace lets one do.\n\n"
    return head + _table(["verb", *names], lines)


def render() -> str:
    """Give the whole page."""
    given = "\n".join(f"- **{name}**: {title.partition(': ')[2]}" for name, title in roles.TITLES.items())
    return f"{_HEAD}{given}\n\n{_workspace()}\n{_exclusive()}\n{_conversation()}"
