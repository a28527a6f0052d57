"""How somebody says that they are reaches who watches them: as it is set, taken back, and over."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from messaging import presence
from messaging.entry import instant
from messaging.hub import Hub
from messaging.protocol import commands
from messaging.protocol.codec import JSON
from messaging.talk import Talk
from tests import worlds
from tests.messaging.hub.inside import Tape, eventually, long_ago, running_hub, seat
from tests.messaging.hub.test_hidden import hide
from tests.messaging.hub.test_presence import beat, hubs, told, wall, watch
from tests.talking import Frame
from tests.worlds import built


@pytest.fixture(autouse=True)
def _nothing_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while all of it would be found anyhow."""
    monkeypatch.setattr(presence, "REREAD_S", 1e9)


SEA = {"emoji": "🌴", "text": "at the sea"}


def say(user: User, **fields: Any) -> None:
    """Say how one is."""
    assert worlds.keep(user, worlds.own_log(user), commands.Status(id=uuid4(), **fields)).code is None


async def says(hub: Hub, user: User, **fields: Any) -> None:
    """Say so by a socket of a hub, so to speak."""
    await built(say, user, **fields)
    hub.watching.presence.prefer(user.pk)


def heard(tape: Tape, person: User) -> list[Frame | None]:
    """Give what a socket was told of how somebody is, in order."""
    entries: list[Frame] = [entry for frame in tape.all("presence") for entry in frame["users"]]
    return [entry.get("says") for entry in entries if entry["user"] == person.pk]


async def test_set_and_taken_back_on_another_process(alice: User, bob: User, carol: User, mallory: User) -> None:
    """Once a step however often it changes; to nobody who does not watch or may not know."""
    await built(wall, mallory, bob)
    async with hubs(2) as (here, there):
        _peer, tape = watch(here, alice, bob)
        _other, bystander = watch(here, carol, alice)
        _outsider, hers = watch(here, mallory, bob)
        seat(there, bob)
        await beat(there, here)
        for text in ("on the way", "nearly there", "at the sea"):
            await says(there, bob, emoji="🌴", text=text)
        await beat(there, here)
        await says(there, bob)
        await beat(there, here)
        assert heard(tape, bob) == [None, SEA, None]
        assert heard(bystander, bob) == []
        assert hers.frames == []


async def test_what_was_said_before_comes_with_the_first_word_and_ends_by_itself(alice: User, bob: User) -> None:
    async with hubs(1) as (here,):
        until = instant(datetime.now(UTC) + timedelta(seconds=1))
        await built(say, bob, text="back in a moment", until=until)
        _peer, tape = watch(here, alice, bob)
        await beat(here)
        assert heard(tape, bob) == [{"text": "back in a moment", "until": until}]
        await eventually(lambda: instant(datetime.now(UTC)) > until, "the end of it")
        await beat(here)
        assert heard(tape, bob)[1:] == [None]


async def test_of_who_hides_presence_no_change_is_told(alice: User, bob: User) -> None:
    """When it was said would tell that somebody is here."""
    async with hubs(1) as (here,):
        _peer, tape = watch(here, alice, bob)
        await beat(here)
        await built(hide, bob, "presence")
        here.watching.presence.prefer(bob.pk)
        await beat(here)
        frames = len(tape.frames)
        await says(here, bob, **SEA)
        await beat(here)
        assert len(tape.frames) == frames
        await built(hide, bob, "presence", None)
        here.watching.presence.prefer(bob.pk)
        await beat(here)
        assert heard(tape, bob) == [None, None, SEA]


async def test_nothing_is_told_under_rights_that_cannot_be_confirmed(alice: User, bob: User) -> None:
    async with hubs(1) as (here,):
        _peer, tape = watch(here, alice, bob)
        await beat(here)
        long_ago(here)
        await says(here, bob, **SEA)
        await beat(here, is_confirmed=False)
        assert heard(tape, bob) == [None]
        await beat(here)
        assert heard(tape, bob) == [None, SEA]


async def test_by_a_command(alice: User, bob: User) -> None:
    async with running_hub() as hub:
        _peer, tape = watch(hub, alice, bob)
        peer, _own = seat(hub, bob)
        await eventually(lambda: told(tape, bob)[-1:] == ["online"], "that he is here")
        talk = Talk(hub, peer)
        talk.receive(JSON.encode(commands.Status(id=uuid4(), **SEA)))
        await eventually(lambda: heard(tape, bob)[-1] == SEA, "how he is")
        talk.close()
