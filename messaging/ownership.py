"""Who owns a channel or group next, where its owner goes or is gone: one of its members, never somebody put into it."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.models import User
from accounts.refusal import Refusal
from audit import trail
from audit.trail import Draft
from messaging.commands import Command
from messaging.database import Rows, rows
from messaging.heads import hold
from messaging.log import append_in

#: Channels about which somebody is asked one by one.
MOST_CHANNELS = 50
#: Members that are named as possible owners of a channel.
MOST_HEIRS = 200

_MAY_OWN = "h.is_active and h.kind = 'person' and not h.is_guest"
_HEIRS = f"""
from membership hm join "user" h on h.id = hm.person_id
where hm.conversation_id = c.id and hm.person_id <> m.person_id and upper_inf(hm.spans) and {_MAY_OWN}
"""
#: The conversations of which somebody is the only owner whose account is open.
_ALONE = """
membership m join conversation c on c.id = m.conversation_id
where m.person_id = %(person)s and m.role = 'owner' and upper_inf(m.spans) and c.kind in ('channel', 'group')
    and c.archived_at is null and not exists (
        select from membership o join "user" u on u.id = o.person_id
        where o.conversation_id = c.id and o.person_id <> m.person_id and o.role = 'owner' and upper_inf(o.spans)
            and u.is_active)
"""
_TO_ASK = f"""
select c.id, c.kind, c.name, (
    select json_agg(json_build_array(h.id, h.username, h.name)) from (
        select h.* {_HEIRS} order by lower(h.username) limit {MOST_HEIRS}
    ) h
)
from {_ALONE} and exists (select {_HEIRS}) order by c.id limit %(limit)s
"""
_COUNTS = f"""
select count(*) filter (where exists (select {_HEIRS})), count(*) filter (where not exists (select {_HEIRS}))
from {_ALONE}
"""
_OTHERS = f"select count(*) from {_ALONE} and exists (select {_HEIRS}) and c.id <> all(%(decided)s::bigint[])"
_SUCCESSORS = f"""
select c.id, exists (select {_HEIRS}), (
    select h.id {_HEIRS} and (h.id = %(heir)s::bigint or %(is_any)s)
    order by h.id is not distinct from %(heir)s::bigint desc, hm.role = 'moderator' desc, h.id limit 1
)
from {_ALONE} and c.id = any(%(only)s::bigint[])
"""
#: Of a conversation `c`: it has an owner whose account is not closed. Who is suspended may come back.
HAS_OWNER = """exists (
    select from membership o join "user" u on u.id = o.person_id
    where o.conversation_id = c.id and o.role = 'owner' and upper_inf(o.spans) and u.deactivated_at is null)"""
_OWNERLESS = f"""
select c.kind in ('channel', 'group') and c.archived_at is null and not {HAS_OWNER}
from conversation c where c.id = %(conversation)s
"""
_NEXT_OWNER = f"""
select (select h.id {_HEIRS} order by hm.role = 'moderator' desc, h.id limit 1)
from {_ALONE} and c.id = %(conversation)s
"""
_IS_HEIR = f"""
select from membership hm join "user" h on h.id = hm.person_id
where hm.conversation_id = %(conversation)s and hm.person_id = %(heir)s and upper_inf(hm.spans) and {_MAY_OWN}
"""


class Owned(NamedTuple):
    """A channel or group that would be without an owner, and the members who could own it next."""

    id: int
    kind: str
    name: str
    heirs: list[tuple[int, str, str]]


class Rest(NamedTuple):
    """What becomes of the conversations that are not decided one by one.

    They go to the heir, where that is a member; else, with `is_any_member`, to a moderator of each, or to the member
    whose account is the oldest; else they go on without an owner.
    """

    heir: int | None
    is_any_member: bool


class Will(NamedTuple):
    """Who owns next what somebody alone owns: by conversation (None: nobody), and all the others."""

    heirs: Mapping[int, int | None]
    rest: Rest | None = None


def owned_alone(user: User, limit: int = MOST_CHANNELS) -> list[Owned]:
    """List what somebody alone owns and others could own: the first ones."""
    return [Owned(*row) for row in rows(_TO_ASK, {"person": user.pk, "limit": limit})]


def count_owned_alone(user: User) -> tuple[int, int]:
    """Count what somebody alone owns: with members who could own it next, and without."""
    with_heirs, without = rows(_COUNTS, {"person": user.pk})[0]
    return with_heirs, without


def hand_over(actor: Actor, user: User, will: Will) -> None:
    """Hand over what is decided one by one; in the caller's transaction, whose rights it has checked.

    Raises Refusal for an heir who is no member, and where nothing is said about a conversation.
    """
    owned = {one.id: one for one in owned_alone(user)} if will.heirs else {}
    others = rows(_OTHERS, {"person": user.pk, "decided": list(will.heirs)})[0][0]
    if others and will.rest is None:
        detail = _("%s channels and groups would be without an owner: say who owns them next.") % others
        raise Refusal("malformed", detail, field="rest_else")
    chosen = {id: heir for id, heir in will.heirs.items() if heir is not None}
    for id, heir in chosen.items():
        if id not in owned or heir not in {member for member, _username, _name in owned[id].heirs}:
            detail = _("Choose one of the members of this conversation.")
            raise Refusal("malformed", detail, field=f"heir_{id}")
    append_in([given(actor, id, heir) for id, heir in sorted(chosen.items())])
    record(actor, user, sorted(chosen.items()))


def successors(user: User, will: Will, conversations: Collection[int]) -> tuple[dict[int, int | None], set[int]]:
    """Tell who owns next what somebody still owns alone of these conversations, and of which nothing is decided.

    The caller holds the conversations' locks.
    """
    heir, is_any = will.rest or (None, False)
    values = {"person": user.pk, "only": list(conversations), "heir": heir, "is_any": is_any}
    decided: dict[int, int | None] = {}
    undecided: set[int] = set()
    for id, has_heirs, successor in rows(_SUCCESSORS, values):
        if id in will.heirs and will.heirs[id] is None:
            decided[id] = None
        elif will.rest is not None or not has_heirs:
            decided[id] = successor
        else:
            undecided.add(id)
    return decided, undecided


def departure(rows: Rows, conversation: int, *, by: int, member: int) -> list[Command]:
    """Make the events with which a member goes, for who has checked the right to it and holds the conversation's lock.

    What the only owner leaves goes first to a moderator, else to the oldest account among those who can own it.
    """
    found = rows(_NEXT_OWNER, {"conversation": conversation, "person": member})
    heir = found[0][0] if found else None
    passed = [("role", {"member": heir, "role": "owner"})] if heir is not None else []
    return [
        Command(conversation=conversation, author=by, kind=kind, payload=payload, is_vouched=True)
        for kind, payload in (*passed, ("leave", {"member": member}))
    ]


def is_only_owner(rows: Rows, conversation: int, person: int) -> bool:
    """Tell whether nobody else owns a conversation. The caller holds its lock."""
    return bool(rows(_NEXT_OWNER, {"conversation": conversation, "person": person}))


def name_owner(actor: Actor, conversation: int, member: int) -> None:
    """Make a member the owner of a channel or group that has none, or none but closed accounts.

    Nobody comes into a conversation by this: whoever is no member can't be named, whoever asks. Raises Refusal.
    """
    rights.require(actor, "conversation.hand_over")
    with transaction.atomic():
        hold(rows, [conversation])
        if not is_ownerless(conversation):
            raise Refusal("forbidden", _("This conversation has an owner, or needs none."))
        if not rows(_IS_HEIR, {"conversation": conversation, "heir": member}):
            raise Refusal("malformed", _("Only a member of the conversation can be made its owner, and no guest."))
        append_in([given(actor, conversation, member)])
        _record(actor, [(conversation, None, member)])


def is_ownerless(conversation: int) -> bool:
    """Tell whether a channel or group that is in use has no owner, or none but closed accounts."""
    found = rows(_OWNERLESS, {"conversation": conversation})
    return bool(found and found[0][0])


def given(actor: Actor, conversation: int, heir: int) -> Command:
    """Make the event by which a member becomes the owner."""
    payload = {"member": heir, "role": "owner"}
    return Command(conversation=conversation, author=actor.id or heir, kind="role", payload=payload, is_vouched=True)


def record(actor: Actor, user: User, handed: Iterable[tuple[int, int | None]]) -> None:
    """Put on the trail to whom somebody's conversations went, or that they went to nobody."""
    _record(actor, [(conversation, user.pk, heir) for conversation, heir in handed])


def _record(actor: Actor, handed: list[tuple[int, int | None, int | None]]) -> None:
    drafts = [
        Draft(
            actor.id,
            "conversation.hand_over",
            f"conversation:{conversation}",
            before={"owner": before},
            after={"owner": after},
            category="administration",
        )
        for conversation, before, after in handed
    ]
    if drafts:
        trail.record_many(drafts, origin=actor.origin)
