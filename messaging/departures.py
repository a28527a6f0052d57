"""Somebody leaves for good: every channel and group by the log's own events, and ownership to whom it is handed.

Nobody leaves a direct conversation: it is between two people, and stays with the other one.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import User
from accounts.people import bots, lifecycle
from accounts.refusal import Refusal
from messaging.commands import Command
from messaging.log import append_in

#: Conversations left in a transaction: for no longer than these take do their writers wait.
STRIDE = 100
#: Channels that are handed over on one page.
MOST_CHANNELS = 50
#: Members that are named as possible owners of a channel.
MOST_HEIRS = 200

_ONLY_OWNER = f"""
select c.id, c.kind, c.name, (
    select json_agg(json_build_array(h.id, h.username, h.name)) from (
        select h.* from membership hm join "user" h on h.id = hm.person_id
        where hm.conversation_id = c.id and hm.person_id <> m.person_id and upper_inf(hm.spans)
            and h.is_active and h.kind = 'person' and not h.is_guest
        order by lower(h.username) limit {MOST_HEIRS}
    ) h
)
from membership m join conversation c on c.id = m.conversation_id
where m.person_id = %(person)s and m.role = 'owner' and upper_inf(m.spans) and c.kind in ('channel', 'group')
    and c.archived_at is null and not exists (
        select from membership o join "user" u on u.id = o.person_id
        where o.conversation_id = c.id and o.person_id <> m.person_id and o.role = 'owner' and upper_inf(o.spans)
            and u.is_active)
order by c.id limit {MOST_CHANNELS}
"""
_STILL_IN = """
select m.conversation_id from membership m join conversation c on c.id = m.conversation_id
where m.person_id = %(person)s and upper_inf(m.spans) and c.kind in ('channel', 'group')
order by m.conversation_id limit %(limit)s
"""


class Owned(NamedTuple):
    """A channel or group that would be without an owner."""

    id: int
    kind: str
    name: str
    heirs: list[tuple[int, str, str]]


def owned_alone(user: User) -> list[Owned]:
    """List what somebody alone owns, each with the members who could own it next: nobody is put into it for that."""
    with connection.cursor() as cursor:
        cursor.execute(_ONLY_OWNER, {"person": user.pk})
        return [
            Owned(id, kind, name, [(heir, username, called) for heir, username, called in heirs or []])
            for id, kind, name, heirs in cursor.fetchall()
        ]


def deactivate(actor: Actor, user: User, heirs: Mapping[int, int]) -> None:
    """Close an account for good; its conversations go to their heirs, and then it leaves them all.

    The doors close and the ownerships go over together. Then conversations are left, some at a time: where that is
    broken off, doing it again (`leave_all`) goes on. Raises Refusal, and then nothing has happened.
    """
    with transaction.atomic():
        if user.kind == User.Kind.BOT:
            bots.deactivate(actor, user)
        else:
            lifecycle.deactivate(actor, user)
        owned = {one.id: one for one in owned_alone(user)}
        append_in([_hand_over(actor, user, owned, id, heir) for id, heir in sorted(heirs.items())])
    leave_all(actor, user)


def leave_all(actor: Actor, user: User) -> int:
    """Leave every conversation that somebody who was deactivated is still in, and say how many."""
    left = 0
    while part := _leave_some(actor, user):
        left += part
    return left


def still_in(user: User) -> int:
    """Count the channels and groups that somebody has yet to leave."""
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from ({_STILL_IN}) left_over", {"person": user.pk, "limit": None})
        return int(cursor.fetchone()[0])


def _hand_over(actor: Actor, user: User, owned: Mapping[int, Owned], conversation: int, heir: int) -> Command:
    if conversation not in owned or heir not in {id for id, _username, _name in owned[conversation].heirs}:
        detail = _("Choose one of the members of this conversation.")
        raise Refusal("malformed", detail, field=f"heir_{conversation}")
    payload = {"member": heir, "role": "owner"}
    author = actor.id or user.pk
    return Command(conversation=conversation, author=author, kind="role", payload=payload, is_vouched=True)


def _leave_some(actor: Actor, user: User) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STILL_IN, {"person": user.pk, "limit": STRIDE})
        found = [id for (id,) in cursor.fetchall()]
        cursor.execute(
            "select from head where conversation_id = any(%s::bigint[]) order by conversation_id for update", [found]
        )
        cursor.execute(_STILL_IN, {"person": user.pk, "limit": STRIDE})
        still = {id for (id,) in cursor.fetchall()}.intersection(found)
        author, payload = actor.id or user.pk, {"member": user.pk}
        append_in(
            [
                Command(conversation=id, author=author, kind="leave", payload=payload, is_vouched=True)
                for id in sorted(still)
            ]
        )
    return len(found)
