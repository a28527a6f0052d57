"""A process that is told to end: 1012 in waves, commands in hand answered, gone in ten seconds, nothing lost."""

import asyncio
import signal
from types import SimpleNamespace

import pytest

from accounts.models import User
from messaging import draining
from messaging.commands import Verdict
from tests import worlds
from tests.beside import WAYS, arrive
from tests.messaging.hub.inside import Tape, eventually, quiet_hub, seat
from tests.parts import wait_until
from tests.returning import Returning
from tests.serving import Serve, listeners
from tests.worlds import built


async def test_by_every_way_in(server: Serve, alice: User) -> None:
    """Each client is told; what was acknowledged is in the log; the process is gone."""
    going = server()
    conversation = await built(worlds.channel, alice)
    talkers = [await arrive(way, going, alice) for way in WAYS]
    for talker in talkers:
        for number in range(20):
            await talker.say(conversation, f"{number}")
    await talkers[0].until(lambda: talkers[0].all("ack"), "some acks")
    going.processes[0].send_signal(signal.SIGTERM)
    for talker in talkers:
        assert await talker.closed() in (1012, 1006)  # a poll that was answered finds nobody at its next
        await talker.close()
    ids = {str(event.id) for event in await built(worlds.log_of, conversation)}
    assert {ack["id"] for talker in talkers for ack in talker.all("ack")} <= ids
    assert talkers[0].close_code == talkers[1].close_code == 1012
    wait_until(lambda: going.processes[0].poll() is not None, "the end of the process", 10)
    assert "Traceback" not in going.log.read_text()


async def test_a_rolling_restart_under_load(server: Serve, alice: User, bob: User) -> None:
    """Each process is replaced while clients of every way talk: nothing lost, doubled, out of order or refused."""
    served = server(workers=2)
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    clients = [Returning(way, served.socket_url, token, conversation, 2) for way in WAYS for token in tokens]
    await eventually(lambda: all(len(client.acked) > 2 for client in clients), "talk by everybody")
    for old in list(served.processes):
        said = [len(client.acked) for client in clients]
        served.processes.append(served.spawn())
        await asyncio.to_thread(wait_until, lambda: listeners(served.port) == 3, "another process", 90)
        old.send_signal(signal.SIGTERM)
        await asyncio.to_thread(wait_until, lambda p=old: p.poll() is not None, "its end", 10)  # type: ignore[misc]
        served.processes.remove(old)
        await eventually(
            lambda n=said: all(len(c.acked) > m + 2 for c, m in zip(clients, n, strict=True)),  # type: ignore[misc]
            "talk by everybody again",
        )
    await asyncio.gather(*(client.finish() for client in clients))
    log = await built(worlds.log_of, conversation)
    await asyncio.gather(*(heard_all(client, len(log)) for client in clients))
    ids = [str(event.id) for event in log]
    for client in clients:
        assert client.refused == []
        assert client.seqs == list(range(3, len(log) + 1)), client.way
        assert [id for id in ids if id in client.acked] == client.acked
    assert sum(client.connections for client in clients) > len(clients)
    assert "Traceback" not in served.log.read_text()


async def heard_all(client: Returning, head: int) -> None:
    """Let a client come back once more to hear the rest."""
    if client.cursor < head:
        client.running = asyncio.create_task(client._run())
        await client.finish(head)


async def test_in_waves(monkeypatch: pytest.MonkeyPatch, alice: User) -> None:
    """Not all at once where there are many, and all in the end, by a clock that moves only while one waits."""
    monkeypatch.setattr(draining, "PEERS_PER_S", 100)
    now_s, gone = 0.0, []
    async with quiet_hub() as hub:
        tapes = [seat(hub, alice)[1] for _ in range(60)]

        async def wait(seconds: float) -> None:
            nonlocal now_s
            now_s += seconds
            gone.append(sum(tape.code == 1012 for tape in tapes))

        monkeypatch.setattr(draining, "time", SimpleNamespace(monotonic=lambda: now_s))
        monkeypatch.setattr(draining, "asyncio", SimpleNamespace(sleep=wait))
        await draining.drain(hub)
        assert len(set(gone)) > 4
        assert 0.3 < now_s < 0.7
        assert [tape.code for tape in tapes] == [1012] * 60
        assert hub.people == {}


async def test_a_command_in_hand_is_answered_first(monkeypatch: pytest.MonkeyPatch, alice: User) -> None:
    """The others go meanwhile; one that is never answered holds up nobody for long."""
    monkeypatch.setattr(draining, "IN_HAND_S", 30)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, alice)
        _idle, other = seat(hub, alice)
        peer.unanswered = 1
        draining_now = asyncio.create_task(draining.drain(hub))
        await eventually(lambda: other.code == 1012, "the end of the other")
        assert tape.code is None
        peer.unanswered = 0
        await draining_now
        assert tape.code == 1012
        monkeypatch.setattr(draining, "IN_HAND_S", 0.1)
        peer, tape = seat(hub, alice)
        peer.unanswered = 1
        await asyncio.wait_for(draining.drain(hub), 30)
        assert tape.code == 1012


async def test_what_is_with_the_log_is_counted(alice: User) -> None:
    """By whoever takes a frame, until its verdict is there."""
    from messaging.talk import Talk

    async with quiet_hub() as hub:
        peer, tape = seat(hub, alice)
        talk, verdicts = Talk(hub, peer), []
        hub.log.put = lambda command, done: verdicts.append(done)  # type: ignore[method-assign]
        id = "00000000-0000-4000-8000-000000000001"
        talk.receive(f'{{"type":"send","id":"{id}","conversation":1,"body":"x"}}')
        assert (peer.unanswered, tape.frames) == (1, [])
        verdicts[0](Verdict("not_found"))
        assert peer.unanswered == 0
        assert tape.frames[0]["code"] == "not_found"
        assert isinstance(tape, Tape)
        talk.close()
