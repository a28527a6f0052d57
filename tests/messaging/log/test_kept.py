"""Of one's own so many of each kind are kept: what would be one more is refused, what replaces or takes back is not."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from accounts.models import User
from messaging import inbound, personal
from messaging.commands import Command
from messaging.database import rows
from messaging.log import append_in
from messaging.protocol import commands
from messaging.protocol.limits import KEPT
from tests.worlds import channel, own_log, person

LATER = "2099-01-01T00:00:00Z"
Make = Callable[[int, int], commands.PersonalCommand]
#: Of each kind: the nth thing to keep, where; its key; and what takes it back, where anything does.
KINDS: dict[str, tuple[Make, Callable[[int, int], str], Make | None]] = {
    "draft": (
        lambda w, n: commands.Draft(id=uuid4(), where=w, thread=n, body="x"),
        lambda w, n: f"{w}/{n}",
        lambda w, n: commands.Draft(id=uuid4(), where=w, thread=n, body=""),
    ),
    "save": (
        lambda w, n: commands.Save(id=uuid4(), where=w, message=n, on=True),
        lambda w, n: f"{w}/{n}",
        lambda w, n: commands.Save(id=uuid4(), where=w, message=n, on=False),
    ),
    "follow": (lambda w, n: commands.Follow(id=uuid4(), where=w, root=n, on=False), lambda w, n: f"{w}/{n}", None),
    "seen": (lambda w, n: commands.Seen(id=uuid4(), where=w, root=n, read=n), lambda w, n: f"{w}/{n}", None),
    "level": (
        lambda w, n: commands.Level(id=uuid4(), where=w, level="none"),
        lambda w, n: f"{w}" if n == 1 else f"{w}0000000{n}",
        lambda w, n: commands.Level(id=uuid4(), where=w, level="all"),
    ),
    "prefer": (
        lambda w, n: commands.Prefer(id=uuid4(), name=f"p{n}", value=True),
        lambda w, n: f"p{n}",
        lambda w, n: commands.Prefer(id=uuid4(), name=f"p{n}", value=None),
    ),
    "block": (
        lambda w, n: commands.Block(id=uuid4(), person=n, on=True),
        lambda w, n: f"{n}",
        lambda w, n: commands.Block(id=uuid4(), person=n, on=False),
    ),
    "schedule": (
        lambda w, n: commands.Schedule(id=uuid4(), schedule=UUID(int=n), where=w, due_at=LATER, body="x"),
        lambda w, n: f"{UUID(int=n)}",
        lambda w, n: commands.Unschedule(id=uuid4(), schedule=UUID(int=n)),
    ),
}


def said(user: User, own: int, *given: commands.PersonalCommand) -> list[str | None]:
    """Say things in one batch, and give the refusal of each."""
    made: list[Command] = []
    for frame in given:
        command = personal.command(frame, user.pk)
        command.conversation = own
        made.append(command)
    with transaction.atomic():
        return [None if v.code is None else f"{v.code}:{v.why}" for v in append_in(made)]


def kept(user: User, kind: str) -> int:
    """Count what is kept of a kind."""
    return int(rows("select count(*) from personal_state where person_id = %s and kind = %s", [user.pk, kind])[0][0])


def fill(user: User, kind: str, where: int, numbers: range) -> None:
    """Let things be kept, as if they had been said long ago."""
    key = KINDS[kind][1]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into personal_state (person_id, kind, key, seq, value) "
            "select %s, %s, key, 1, '{}' from unnest(%s::text[]) key",
            [user.pk, kind, [key(where, n) for n in numbers]],
        )


def test_every_kind_is_bounded_or_has_one_key() -> None:
    assert KINDS.keys() == KEPT.keys() == set(personal.KINDS) - {"status"}


@pytest.mark.parametrize("kind", list(KEPT))
def test_at_the_bound(kind: str) -> None:
    """The last that fits, one more, another word of one that is there, and one in the place of what was taken back."""
    alice, bob = person("alice"), person("bob")
    where, own, his = channel(alice, bob), own_log(alice), own_log(bob)
    make, _key, take_back = KINDS[kind]
    most = KEPT[kind]
    # Of levels there is one a conversation: here the last is that of the room.
    last, more = (1, 1) if kind == "level" else (most, most + 1)
    fill(alice, kind, where, range(2, most + 1) if kind == "level" else range(1, most))
    assert said(alice, own, make(where, last)) == [None]
    other = channel(alice)
    one_more = make(other, more)
    assert said(alice, own, one_more) == [f"forbidden:most_{kind}"]
    assert inbound.DETAILS[f"most_{kind}"].startswith(f"You have {most:,} ")
    assert said(alice, own, make(where, last)) == [None]
    assert said(bob, his, make(where, more)) == [None]
    assert kept(alice, kind) == most
    if take_back is not None:
        assert said(alice, own, take_back(where, last), take_back(other, 999_999), one_more) == [
            None,
            None,
            f"forbidden:most_{kind}",
        ]
        assert said(alice, own, one_more) == [None]
        assert kept(alice, kind) == most


def test_several_at_once_are_counted_together() -> None:
    """What one batch adds counts, once a key; what it replaces or takes back does not."""
    alice = person("alice")
    where, own = channel(alice), own_log(alice)
    make: Any = KINDS["prefer"][0]
    take_back: Any = KINDS["prefer"][2]
    fill(alice, "prefer", where, range(1, KEPT["prefer"] - 1))
    new = KEPT["prefer"] + 1
    batch = [make(where, 1), take_back(where, new), *(make(where, n) for n in (new, new, new + 1, new + 2, new, 2))]
    refusals = said(alice, own, *batch)
    assert refusals == [None, None, None, None, None, "forbidden:most_prefer", None, None]
    assert kept(alice, "prefer") == KEPT["prefer"]


def test_sent_again_it_has_its_ack() -> None:
    """What was kept once is acknowledged again, also where there is no room any more."""
    alice = person("alice")
    where, own = channel(alice), own_log(alice)
    make, _key, take_back = KINDS["block"]
    assert take_back is not None
    first = make(where, 1)
    assert said(alice, own, first) == [None]
    assert said(alice, own, take_back(where, 1)) == [None]
    fill(alice, "block", where, range(2, KEPT["block"] + 2))
    assert said(alice, own, first) == [None]
    assert said(alice, own, make(where, 1)) == ["forbidden:most_block"]
