"""Somebody leaves for good: every channel and group by the log's own events, and ownership to whom it is handed.

Nobody leaves a direct conversation: it is between two people, and stays with the other one.
"""

from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.models import User
from accounts.people import bots, lifecycle
from accounts.refusal import Refusal
from messaging import ownership
from messaging.commands import Command
from messaging.database import rows
from messaging.heads import hold
from messaging.log import append_in
from messaging.ownership import Will

#: Conversations left in a transaction: for no longer than these take do their writers wait.
STRIDE = 100

_STILL_IN = """
select m.conversation_id from membership m join conversation c on c.id = m.conversation_id
where m.person_id = %(person)s and upper_inf(m.spans) and c.kind in ('channel', 'group')
    and m.conversation_id > %(after)s
order by m.conversation_id limit %(limit)s
"""


class Left(NamedTuple):
    """How many conversations were left, and in how many somebody stays until it is said who owns them next."""

    left: int
    staying: int


def deactivate(actor: Actor, user: User, will: Will) -> Left:
    """Close an account for good; its conversations go to their heirs, and then it leaves them all.

    The doors close and what is decided one by one goes over together. Then conversations are left, some at a time, and
    each that nobody else owns is handed over as it is left: where that is broken off, `leave_all` goes on. Raises
    Refusal, and then nothing has happened.
    """
    with transaction.atomic():
        if user.kind == User.Kind.BOT:
            bots.deactivate(actor, user)
        else:
            lifecycle.deactivate(actor, user)
        ownership.hand_over(actor, user, will)
    return _leave_all(actor, user, will)


def leave_all(actor: Actor, user: User, will: Will) -> Left:
    """Leave every conversation that somebody who was deactivated is still in. Raises Refusal."""
    rights.require(actor, "person.deactivate")
    if user.deactivated_at is None:
        raise Refusal("forbidden", _("Only a deactivated account leaves everything."))
    with transaction.atomic():
        ownership.hand_over(actor, user, will)
    return _leave_all(actor, user, will)


def still_in(user: User) -> int:
    """Count the channels and groups that somebody has yet to leave."""
    with connection.cursor() as cursor:
        values = {"person": user.pk, "after": 0, "limit": None}
        cursor.execute(f"select count(*) from ({_STILL_IN}) left_over", values)
        return int(cursor.fetchone()[0])


def _leave_all(actor: Actor, user: User, will: Will) -> Left:
    left = staying = after = 0
    while found := _next(user, after):
        undecided = _leave(actor, user, will, found)
        left, staying, after = left + len(found) - undecided, staying + undecided, found[-1]
    return Left(left, staying)


def _next(user: User, after: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_STILL_IN, {"person": user.pk, "after": after, "limit": STRIDE})
        return [id for (id,) in cursor.fetchall()]


def _leave(actor: Actor, user: User, will: Will, found: list[int]) -> int:
    """Leave these conversations together, and count those in which one stays: nobody would own them."""
    with transaction.atomic():
        hold(rows, found)
        still = set(_next(user, found[0] - 1)).intersection(found)
        handed, undecided = ownership.successors(user, will, still)
        append_in([ownership.given(actor, id, heir) for id, heir in sorted(handed.items()) if heir is not None])
        author, payload = actor.id or user.pk, {"member": user.pk}
        append_in(
            [
                Command(conversation=id, author=author, kind="leave", payload=payload, is_vouched=True)
                for id in sorted(still - undecided)
            ]
        )
        ownership.record(actor, user, sorted(handed.items()))
    return len(undecided)
