"""What is scheduled is said when it is due, once, with what its author may do then."""

import threading
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from accounts.models import User
from messaging import changing, conversations, personal, scheduled
from messaging.database import rows
from messaging.protocol import commands, events
from tests.worlds import add, channel, delete, keep, log_of, own_log, person, put, remove, say

PAST, FUTURE = "2026-01-01T12:00:00+02:00", "2099-01-01T00:00:00Z"


def _schedule(user: User, where: int, body: str = "later", *, due_at: str = PAST, **fields: Any) -> UUID:
    schedule = fields.pop("schedule", None) or uuid4()
    frame = commands.Schedule(id=uuid4(), schedule=schedule, where=where, due_at=due_at, body=body, **fields)
    assert keep(user, own_log(user), frame).code is None
    return UUID(str(schedule))


def _said(conversation: int) -> list[events.Message]:
    return [event for event in log_of(conversation) if isinstance(event, events.Message)]


def _waiting(user: User) -> list[str]:
    return [kept.key for kept in personal.page(rows, user.pk, kind="schedule", after=("", ""), limit=200)[1]]


def _answers(user: User) -> list[tuple[str, str | None]]:
    return [(e.schedule, e.why) for e in log_of(own_log(user)) if isinstance(e, events.Unschedule)]


def test_what_is_due_is_said_once_and_what_is_not_waits():
    alice, bob = person("alice"), person("bob")
    room = channel(alice, bob)
    root = say(bob, room, "root")
    due = _schedule(alice, room, f"dear <@{bob.pk}>", thread=root, also=True)
    later = _schedule(alice, room, due_at=FUTURE)
    for _ in range(2):
        scheduled.say_due()
    *_, message = _said(room)
    assert (message.id, message.user, message.body) == (due, alice.pk, f"dear <@{bob.pk}>")
    assert (message.thread, message.also, message.mentions, message.said_at) == (root, True, [bob.pk], None)
    assert len(_said(room)) == 2
    assert (_waiting(alice), _answers(alice)) == ([str(later)], [(str(due), None)])


def test_what_one_scheduled_is_not_unread_to_oneself_but_what_came_before_it_is():
    alice, bob = person("alice"), person("bob")
    room, other = channel(alice, bob), channel(alice, bob)
    gone = say(bob, room, "and gone")
    put(delete(bob, room, gone))
    say(bob, other, "to be read")
    for where in (room, other):
        _schedule(alice, where)
    scheduled.say_due()
    shown = {each.id: each.frame() for each in conversations.summaries(rows, alice.pk)}
    assert shown[room].unread == 0
    assert shown[room].read == _said(room)[-1].seq
    assert (shown[other].unread, shown[other].read) == (2, 1)


def test_it_is_the_authors_rights_of_that_moment_and_a_refusal_is_told():
    alice, bob = person("alice"), person("bob")
    room = channel(alice, bob)
    refused, reply = _schedule(bob, room), _schedule(bob, room, thread=999)
    remove(alice, room, bob)
    scheduled.say_due()
    assert _said(room) == []
    assert sorted(_answers(bob)) == sorted([(str(refused), "not_found"), (str(reply), "not_found")])
    assert _waiting(bob) == []
    add(alice, room, bob)
    scheduled.say_due()
    assert _said(room) == []


def test_the_last_word_is_said_and_what_is_taken_back_is_not():
    alice = person("alice")
    room = channel(alice)
    changed, taken_back, put_off = (_schedule(alice, room, "first") for _ in range(3))
    _schedule(alice, room, "second", schedule=changed)
    _schedule(alice, room, "not now", schedule=put_off, due_at=FUTURE)
    keep(alice, own_log(alice), commands.Unschedule(id=uuid4(), schedule=taken_back))
    scheduled.say_due()
    assert [(m.id, m.body) for m in _said(room)] == [(changed, "second")]
    assert _waiting(alice) == [str(put_off)]


def test_two_workers_say_it_once():
    """One waits for the other, and finds that it is gone."""
    alice = person("alice")
    room = channel(alice)
    for _ in range(5):
        _schedule(alice, room)

    def work() -> None:
        scheduled.say_due()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert len(_said(room)) == 5
    assert len(_answers(alice)) == 5


def test_what_can_not_be_said_yet_holds_up_nobody_else(monkeypatch):
    monkeypatch.setattr(scheduled, "AT_ONCE", 2)
    alice, mallory = person("alice"), person("mallory")
    room = channel(alice, mallory)
    changing.change(room, by=alice.pk, given={"slow_s": 3600})
    waiting = [_schedule(mallory, room, f"spam {n}", due_at=f"2026-01-01T0{n}:00:00Z") for n in range(5)]
    quiet = channel(alice)
    due = _schedule(alice, quiet)
    scheduled.say_due()
    assert [message.id for message in _said(quiet)] == [due]
    assert [message.id for message in _said(room)] == waiting[:1]
    assert _waiting(mallory) == sorted(map(str, waiting[1:]))
