"""Who may read and post: one rule, as one SQL fragment that every query on the log uses.

The fragments speak of `m` (membership), `u` (the person) and `c` (the conversation).
"""

from typing import NamedTuple

from messaging.database import Rows

#: Is a member now, with an account in force, of a conversation that is whole.
MAY_READ = "(upper_inf(m.spans) and u.is_active and c.shown_at is not null)"

#: The joins behind the fragments, for a query that has `conversation_id` and `person_id` as parameters.
READER = f"""
membership m join "user" u on u.id = m.person_id join conversation c on c.id = m.conversation_id
where m.conversation_id = %(conversation)s and m.person_id = %(person)s and {MAY_READ}
"""

#: What somebody may see of the log `e`.
MAY_SEE = "e.seq <@ m.spans"

ROLES_THAT_MODERATE = frozenset({"owner", "moderator"})


class Standing(NamedTuple):
    """What somebody is in a conversation."""

    role: str
    kind: str
    is_archived: bool

    @property
    def is_moderator(self) -> bool:
        """Tell whether this role may remove members and delete what others said."""
        return self.role in ROLES_THAT_MODERATE


def standing(rows: Rows, conversation: int, person: int) -> Standing | None:
    """Tell what a person is in a conversation; None for no member, as for a conversation that isn't there."""
    found = rows(
        f"select m.role, c.kind, c.archived_at is not null from {READER}",
        {"conversation": conversation, "person": person},
    )
    return Standing(*found[0]) if found else None
