"""A conversation takes so much a second from all its members together; others learn nothing of it."""

import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.conf import LazySettings

from accounts.models import User
from messaging import crowds, peers
from messaging.database import rows
from messaging.entry import Entry, of_row
from messaging.history import GAP
from messaging.hub import Hub
from messaging.protocol import commands
from messaging.protocol.codec import JSON
from messaging.talk import Talk
from tests import worlds
from tests.messaging.api.calls import Caller
from tests.messaging.hub.inside import Tape, committed_elsewhere, eventually, hear, running_hub, seat
from tests.talking import Frame
from tests.worlds import built


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> dict[str, float]:
    """Limits as shipped, but of 2 a second with a burst of 20, and a clock of allowances that the test moves on."""
    settings.IS_RATE_LIMITED, settings.CONVERSATION_PER_S = True, 2
    began, moved = time.monotonic(), {"s": 0.0}
    monkeypatch.setattr(peers, "time", SimpleNamespace(monotonic=lambda: began + moved["s"]))
    return moved


async def arrived(hub: Hub, user: User, *, says_hello: bool = True) -> tuple[Talk, Tape]:
    peer, tape = seat(hub, user)
    if says_hello:
        await hub.catchup.hello(peer, {})
    return Talk(hub, peer), tape


async def answers(talk: Talk, tape: Tape, *said: commands.LogCommand) -> list[Frame]:
    """Say things at once, and give what is answered to each, in that order."""
    for frame in said:
        talk.receive(JSON.encode(frame))

    def came() -> dict[Any, Frame]:
        return {each.get("id"): each for each in tape.frames if each["type"] in ("ack", "error")}

    await eventually(lambda: all(str(frame.id) in came() for frame in said), "the answers")
    return [came()[str(frame.id)] for frame in said]


def send(conversation: int, count: int = 1) -> list[commands.Send]:
    return [commands.Send(id=uuid4(), conversation=conversation, body=f"{number}") for number in range(count)]


async def test_all_together(passed: dict[str, float], alice: User, bob: User, carol: User, mallory: User) -> None:
    conversation = await built(worlds.channel, alice, bob, carol)
    other = await built(worlds.channel, alice, bob)
    async with running_hub() as hub:
        hers, his, theirs = [await arrived(hub, user) for user in (alice, bob, carol)]
        outsider, unheard = await arrived(hub, mallory), await arrived(hub, bob, says_hello=False)
        # who may not speak there uses nothing up
        assert {each["code"] for each in await answers(*outsider, *send(conversation, 30))} == {"not_found"}
        said = await answers(*hers, *send(conversation, 10))
        # what another process has committed counts too
        for number in range(4):
            hear(hub, await committed_elsewhere(bob, conversation, f"{number}"))
        said += await answers(*his, *send(conversation, 6))
        assert {each["type"] for each in said} == {"ack"}
        seq = said[0]["seq"]
        more: list[commands.LogCommand] = [
            *send(conversation),
            commands.Edit(id=uuid4(), conversation=conversation, seq=seq, body="x"),
            commands.React(id=uuid4(), conversation=conversation, seq=seq, emoji="👍", on=True),
        ]
        for talker in (hers, theirs, unheard):
            for frame in more:
                frame.id = uuid4()
            for refused in await answers(*talker, *more):
                assert (refused["code"], refused["detail"]) == ("rate_limited", crowds.DETAIL)
                assert refused["retry_after"] > 0
        # elsewhere all goes on; what is taken away goes through; and nobody else learns that there is a crowd
        assert (await answers(*hers, *send(other)))[0]["type"] == "ack"
        assert (await answers(*hers, commands.Delete(id=uuid4(), conversation=conversation, seq=seq)))[0]["seq"]
        both = await answers(*outsider, *send(conversation), *send(2**53 - 1))
        assert [{**each, "id": None} for each in both] == [{**both[0], "id": None}] * 2
        assert both[0]["code"] == "not_found"
        path = f"/conversations/{conversation}/messages"
        for user, status, code in ((alice, 429, "rate_limited"), (mallory, 404, "not_found")):
            caller = await built(Caller, user)
            answer = await built(caller.post, path, {"id": str(uuid4()), "body": "by POST"})
            assert answer.refusal == (status, code)
        passed["s"] = 1.0
        again = await answers(*theirs, *send(conversation))
        assert [each["type"] for each in again] == ["ack"]
        for talk, _tape in (hers, his, theirs, outsider, unheard):
            talk.close()


def test_what_is_imported_does_not_count_and_a_quiet_conversation_is_forgotten(
    passed: dict[str, float], alice: User
) -> None:
    conversation = worlds.channel(alice)
    here = crowds.Crowds()
    worlds.say(alice, conversation, "hello")
    entries = [of_row(row) for row in rows(GAP, {"conversation": conversation, "after": 0, "limit": 10})]
    imported = [msgspec.structs.replace(entry.event, source="slack:00") for entry in entries]
    here.said(Entry(event, 0) for event in imported)
    assert here._allowances == {}
    here.said(entries)
    here.forget()
    assert len(here._allowances) == 1
    passed["s"] = 0.5
    here.forget()
    assert here._allowances == {}
