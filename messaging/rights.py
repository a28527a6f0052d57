"""Who may read and post: one rule, as one SQL fragment that every query on the log uses.

The fragments speak of `m` (membership), `u` (the person) and `c` (the conversation).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accounts.authority.barriers import walled
from messaging.database import Rows
from messaging.heads import hold
from messaging.protocol.codec import Refused

#: Is a member now, with an account in force, of a conversation that is whole.
MAY_READ = "(upper_inf(m.spans) and u.is_active and c.shown_at is not null)"

#: The joins behind the fragments, for a query that has `conversation_id` and `person_id` as parameters.
READER = f"""
membership m join "user" u on u.id = m.person_id join conversation c on c.id = m.conversation_id
where m.conversation_id = %(conversation)s and m.person_id = %(person)s and {MAY_READ}
"""

#: Has a row for who may read the conversation.
IS_IN = f"select 1 from {READER}"

#: An event of the log `e` that was said for a time is shown to nobody once that is over. The record keeps it.
IS_SHOWN = "(e.expires_at is null or e.expires_at > statement_timestamp())"

#: What somebody may see of the log `e`.
MAY_SEE = f"(e.seq <@ m.spans and {IS_SHOWN})"

#: Until when somebody says nothing: muted here, or in the whole workspace, which no role in a conversation lifts.
MUTED_UNTIL = "greatest(m.muted_until, case when c.kind <> 'personal' then u.muted_until end)"

#: Who may do what within a conversation, by the role there. What the workspace lets one do comes on top of it
#: (`accounts.authority.verbs`): a guest who moderates a channel still looks nobody up.
VERBS: Mapping[str, frozenset[str]] = {
    "read": frozenset({"member", "moderator", "owner"}),
    "post": frozenset({"member", "moderator", "owner"}),
    "edit own": frozenset({"member", "moderator", "owner"}),
    "delete own": frozenset({"member", "moderator", "owner"}),
    "react": frozenset({"member", "moderator", "owner"}),
    "pin": frozenset({"member", "moderator", "owner"}),
    "set topic": frozenset({"member", "moderator", "owner"}),
    "leave": frozenset({"member", "moderator", "owner"}),
    "add member": frozenset({"member", "moderator", "owner"}),
    "post where read-only": frozenset({"moderator", "owner"}),
    "post without pause": frozenset({"moderator", "owner"}),
    "mention everybody": frozenset({"moderator", "owner"}),
    "edit and delete late": frozenset({"moderator", "owner"}),
    "delete others'": frozenset({"moderator", "owner"}),
    "rename": frozenset({"moderator", "owner"}),
    "set pace": frozenset({"moderator", "owner"}),
    "mute": frozenset({"moderator", "owner"}),
    "ban": frozenset({"moderator", "owner"}),
    "remove member": frozenset({"moderator", "owner"}),
    "give role": frozenset({"moderator", "owner"}),
    "archive": frozenset({"owner"}),
    "make private": frozenset({"owner"}),
    "set history": frozenset({"owner"}),
    "remove owner": frozenset({"owner"}),
    "give owner": frozenset({"owner"}),
}


class Standing(NamedTuple):
    """What somebody is in a conversation."""

    role: str
    kind: str
    is_archived: bool
    #: Muted, for so long (seconds).
    muted_for_s: float | None = None

    def may(self, verb: str) -> bool:
        """Tell whether this role may do something here, of VERBS."""
        return self.role in VERBS[verb]


def _seconds_until(until: str) -> str:
    """Write the SQL that counts the seconds until an instant; null once it is over."""
    return f"nullif(greatest(extract(epoch from {until} - statement_timestamp())::float8, 0), 0)"


def standing(rows: Rows, conversation: int, person: int) -> Standing | None:
    """Tell what a person is in a conversation; None for no member, as for a conversation that isn't there."""
    found = rows(
        f"""select m.role, c.kind, c.archived_at is not null, {_seconds_until(MUTED_UNTIL)} from {READER}""",
        {"conversation": conversation, "person": person},
    )
    return Standing(*found[0]) if found else None


def locked_standing(rows: Rows, conversation: int, person: int) -> Standing:
    """Take the conversation's lock for the transaction and tell what a person is in it, so that it stays true.

    Raises Refused (`not_found`): not there, or not open, which is the same.
    """
    hold(rows, [conversation])
    found = standing(rows, conversation, person)
    if found is None:
        raise Refused("not_found", "There is no such conversation or message, or it isn't open to you.")
    return found


def check_says(muted_for_s: float | None) -> None:
    """Raise Refused for who is muted: a name or a topic is words that others read."""
    if muted_for_s is not None:
        raise Refused(
            "muted", "You are muted for now: you can read, and name things again later.", retry_after=muted_for_s
        )


def check_names(rows: Rows, person: int) -> None:
    """Raise Refused where somebody is muted in the whole workspace, and so names nothing new."""
    found = rows(f'select {_seconds_until("muted_until")} from "user" where id = %s', [person])
    check_says(found[0][0] if found else None)


def check_add(mine: Standing, theirs: Standing | None, role: str) -> None:
    """Raise Refused unless one may add somebody with a role, or give it to somebody who is in."""
    if mine.kind == "personal":
        raise Refused("forbidden", "Nobody else comes into what is one's own.")
    if mine.kind == "direct":
        raise Refused("forbidden", "A direct conversation is between two people: start a group to be more.")
    if mine.is_archived:
        raise Refused("archived", "This conversation is archived: nothing more is said in it.")
    before = "member" if theirs is None else theirs.role
    is_owner_concerned = "owner" in (before, role)
    if not mine.may("add member") or (
        before != role and not mine.may("give owner" if is_owner_concerned else "give role")
    ):
        raise Refused("forbidden", "Only an owner or a moderator gives roles, and only an owner makes owners.")


def check_remove(mine: Standing, theirs: Standing, *, is_self: bool) -> None:
    """Raise Refused unless one may remove somebody, or leave."""
    if mine.kind in ("direct", "personal"):
        raise Refused("forbidden", "Nobody leaves a direct conversation, or what is one's own.")
    verb = "leave" if is_self else "remove owner" if theirs.role == "owner" else "remove member"
    if not mine.may(verb):
        raise Refused("forbidden", "Only an owner or a moderator removes members, and only an owner an owner.")


#: Whether `person` is walled off from somebody who is in the conversation now. Nobody is who is in no segment, and then
#: the members are not looked through.
IS_WALLED_FROM_MEMBERS = f"""(
    exists (select from segment_member s where s.user_id = %(person)s) and exists (
        select from membership m where m.conversation_id = {{conversation}} and upper_inf(m.spans)
            and {walled("%(person)s", "m.person_id")}))"""
#: Tells whether `person` is walled off from somebody who is in a conversation now.
WALLED_FROM_MEMBERS = f"select {IS_WALLED_FROM_MEMBERS.format(conversation='%(conversation)s')}"
#: Tells whether any two of `people` are walled off from each other.
WALLED_AMONG = f"""
select exists (
    select 1 from unnest(%(people)s::bigint[]) one, unnest(%(people)s::bigint[]) other
    where one < other and {walled("one", "other")})
"""


def check_walls(rows: Rows, conversation: int, person: int) -> None:
    """Raise Refused where a barrier keeps a person from those who are in a conversation."""
    if rows(WALLED_FROM_MEMBERS, {"conversation": conversation, "person": person})[0][0]:
        raise Refused("forbidden", "A barrier keeps this person from somebody in this conversation.")


def check_walls_among(rows: Rows, people: Sequence[int]) -> None:
    """Raise Refused where a barrier stands between any two of these people."""
    if len(people) > 1 and rows(WALLED_AMONG, {"people": list(people)})[0][0]:
        raise Refused("forbidden", "A barrier stands between some of these people: they can't talk together.")
