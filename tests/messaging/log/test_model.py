"""Random commands of several people through both doors, against a plain model: same acks, same log, same projection."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from accounts.models import User
from messaging import conversations, history
from messaging.commands import Command, Verdict
from messaging.database import rows
from messaging.fold import fold, plain
from messaging.log import Log
from messaging.protocol.codec import Refused
from messaging.rights import Standing
from tests.messaging.log.doors import send
from tests.messaging.log.model import Answer, Model
from tests.worlds import log_of, message, person, put

BODIES = ("hello", "hello", "other words", "<!here> look", "👋")
EMOJI = ("👍", "👋🏽")
CLAIMED = (None, None, datetime(2020, 2, 2, tzinfo=UTC), datetime(2021, 3, 3, 3, 3, 3, 3, tzinfo=UTC))

#: How often each step comes.
STEPS = {
    "message": 3,
    "reply": 4,
    "edit": 5,
    "delete": 3,
    "react": 5,
    "pin": 3,
    "again": 6,
    "burst": 1,
    "join": 2,
    "leave": 1,
    "archive": 1,
}

#: alice, bob, carol and, now and then, mallory the outsider.
_who = st.sampled_from([0, 1, 2, 0, 1, 2, 0, 1, 3])
_speech = {"who": _who, "body": st.sampled_from(BODIES), "said_at": st.sampled_from(CLAIMED)}
_step = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([kind for kind, times in STEPS.items() for _ in range(times)]),
        **_speech,
        "by": st.integers(0, 2),
        "at": st.integers(0, 99),
        "aim": st.sampled_from(["own", "any", "own", "any", "wild"]),
        "emoji": st.sampled_from(EMOJI),
        "on": st.sampled_from([True, True, False]),
        "role": st.sampled_from(["member", "moderator", "owner"]),
        "as": st.sampled_from(["same", "same", "author", "same", "body", "same", "kind"]),
        "of": st.lists(st.fixed_dictionaries({"kind": st.just("message"), **_speech}), min_size=2, max_size=4),
    }
)
_steps = st.lists(_step, min_size=15, max_size=40)


@pytest.fixture(scope="module")
def cast() -> list[User]:
    return [person(name) for name in ("alice", "bob", "carol", "mallory")]


@pytest.fixture(scope="module")
def through_the_log() -> Iterator[Callable[[Sequence[Command]], list[Verdict]]]:
    """A log that runs on a loop of its own, as in a web process."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    log = Log(lambda _entries: None)
    loop.call_soon_threadsafe(log.start)
    yield lambda commands: asyncio.run_coroutine_threadsafe(send(log, commands), loop).result(60)
    asyncio.run_coroutine_threadsafe(log.stop(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class _Run:
    """One conversation, and its model beside it."""

    def __init__(self, kind: str, cast: list[User], door: Callable[[Sequence[Command]], list[Verdict]]) -> None:
        self.cast, self._door = cast, door
        self.sent: list[Command] = []
        self.first_at: dict[UUID, datetime | None] = {}
        alice, bob, carol = (who.pk for who in cast[:3])
        made, _ = conversations.create(kind, creator=alice, name="model", members=[bob, carol])
        self.conversation = made.pk
        self.model = Model(kind)
        self.model.join(alice, alice, "owner", 1)
        self.model.join(alice, bob, "member", 1)
        self.model.join(alice, carol, "member", 1)

    def step(self, step: dict[str, Any], is_deed: bool) -> None:
        match step["kind"]:
            case "join" | "leave" | "archive":
                self._move(step)
            case "burst":
                self._put([self._command(each) for each in step["of"]], is_deed)
            case "again":
                if self.sent:
                    self._put([self._repeated(step)], is_deed)
            case _:
                self._put([self._command(step)], is_deed)

    def _command(self, step: dict[str, Any]) -> Command:
        at, author = self._aimed(step)
        common: dict[str, Any] = {"conversation": self.conversation, "author": author.pk, "said_at": step["said_at"]}
        match step["kind"]:
            case "message" | "reply":
                return message(author, self.conversation, step["body"], thread=at, said_at=step["said_at"])
            case "edit":
                return Command(kind="edit", target=at, body=step["body"], **common)
            case "delete":
                return Command(kind="delete", target=at, **common)
            case "pin":
                return Command(kind="pin", target=at, payload={"on": step["on"]}, **common)
            case _:
                return Command(kind="react", target=at, payload={"emoji": step["emoji"], "on": step["on"]}, **common)

    def _aimed(self, step: dict[str, Any]) -> tuple[int | None, User]:
        """Choose what to point at, and who does: a message by its author, one by anybody, or whatever has a seq."""
        author = self.cast[step["who"]]
        messages = [line for line in self.model.log if line.kind == "message"]
        if step["kind"] == "message":
            return None, author
        if step["aim"] == "wild" or not messages:
            return step["at"] % (len(self.model.log) + 3), author
        recent = messages[-3:]  # so that several meet at one message
        line = recent[step["at"] % len(recent)]
        by_author = next(who for who in self.cast if who.pk == line.author)
        return line.seq, by_author if step["aim"] == "own" else author

    def _repeated(self, step: dict[str, Any]) -> Command:
        """Send an earlier command's id again: for the same, or for something else."""
        command = self.sent[step["at"] % len(self.sent)]
        changed: dict[str, Any] = {
            "author": {"author": self.cast[step["who"]].pk},
            "body": {"body": "changed on the way"},
            "kind": {"kind": "react", "payload": {"emoji": "👍", "on": True}, "target": 3, "body": None},
        }.get(step["as"], {})
        repeated: Command = msgspec.structs.replace(command, salt=b"another salt 16b", **changed)
        return repeated

    def _put(self, commands: list[Command], is_deed: bool) -> None:
        self.sent += commands
        verdicts = put(*commands, is_published=False) if is_deed else self._door(commands)
        assert [Answer(v.code, v.seq, v.is_duplicate) for v in verdicts] == [self.model.put(c) for c in commands]
        for command, verdict in zip(commands, verdicts, strict=True):
            kind = "reply" if command.thread is not None else command.kind
            event(f"{kind}: {'duplicate' if verdict.is_duplicate else verdict.code or 'taken'}")
            if verdict.code is None:
                assert self.first_at.setdefault(command.id, verdict.at) == verdict.at

    def _move(self, step: dict[str, Any]) -> None:
        by, who = self.cast[step["by"]].pk, self.cast[step["who"] % 3].pk  # mallory never gets in
        if step["kind"] == "join":
            first = 1 if self.model.kind == "channel" else None
            standing = Standing("owner", self.model.kind, self.model.is_archived)
            given = {"by": by, "standing": standing, "member": who, "role": step["role"]}
            try:
                self.model.join(by, who, step["role"], first)
            except ValueError:
                with pytest.raises(Refused, match="only owner"):
                    conversations.add_member(self.conversation, **given)
            else:
                conversations.add_member(self.conversation, **given)
        elif step["kind"] == "leave":
            assert conversations.remove_member(self.conversation, by=by, member=who) == self.model.leave(by, who)
        else:
            on = step["on"] and step["at"] % 2 == 0  # seldom, since it stops everything
            put(Command(conversation=self.conversation, author=by, kind="archive", payload={"on": on}, is_vouched=True))
            self.model.archive(by, on)

    def check(self) -> None:
        self._check_log()
        self._check_members()
        self._check_projection()

    def _check_log(self) -> None:
        found = rows(
            "select seq, n, id, kind, author_id, said_at, target, thread, body, payload, at from event "
            "where conversation_id = %s order by seq",
            [self.conversation],
        )
        ids = {line.seq: line.id for line in self.model.log}
        # what a deed of ours put there has an id that only the log knows
        stored = [(seq, n, id if ids.get(seq) else None, *rest) for seq, n, id, *rest, _at in found]
        assert stored == [tuple(line) for line in self.model.log]
        times = [row[-1] for row in found]
        assert all(one <= other for one, other in pairwise(times))
        (head,) = rows("select seq, n, at from head where conversation_id = %s", [self.conversation])
        assert head == (len(self.model.log), self.model.log[-1].n, times[-1])

    def _check_members(self) -> None:
        found = rows("select person_id, role, spans from membership where conversation_id = %s", [self.conversation])
        assert {who for who, _role, _spans in found} == self.model.members.keys()
        for who, role, spans in found:
            member = self.model.members[who]
            assert role == member.role
            for seq in range(1, len(self.model.log) + 3):  # past the end: an open span
                assert any(seq in span for span in spans) == member.sees(seq)

    def _check_projection(self) -> None:
        log = log_of(self.conversation)
        folded = fold(log)
        for who in self.cast:
            member = self.model.members.get(who.pk)
            page = history.page(rows, who.pk, self.conversation, limit=200)
            events, more = history.since(rows, who.pk, self.conversation, 0, 500)
            if member is None or not member.is_in:
                assert (page, events, more) == (None, [], False)
                continue
            assert page is not None
            # what was done while one was out is not for this member; what is deleted is deleted for everyone
            seen = {m.seq: m for m in fold(each for each in log if member.sees(each.seq))}
            shown = [m if m.deleted_at is not None else seen[m.seq] for m in folded if member.sees(m.seq)]
            assert plain(page.messages) == plain(shown)
            assert page.head == len(log)
            assert events == [each for each in log if member.sees(each.seq)]


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(kind=st.sampled_from(["channel", "group"]), steps=_steps, doors=st.integers(0, 2**30 - 1))
def test_the_log_does_what_the_model_does(cast, through_the_log, kind, steps, doors):
    run = _Run(kind, cast, through_the_log)
    for at, step in enumerate(steps):
        run.step(step, is_deed=bool(doors >> at & 1))
    run.check()
