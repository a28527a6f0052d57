"""What was taken away ends what is open: on every process, by whatever it came in, Redis up or down."""

import time
from collections.abc import Callable

import pytest

from accounts import hashing, revocations
from accounts.models import Token, User
from tests import worlds
from tests.messaging.hub.browsing import Browser
from tests.messaging.hub.frail import Frail
from tests.messaging.hub.inside import quiet_hub, seat
from tests.serving import Server
from tests.talking import Talker, spread
from tests.worlds import built

#: The contract says 1 s; the rest is for a busy machine.
CUT_WITHIN_S = 3.0


def _revoke(user: User, token: str) -> None:
    revocations.revoke_token(Token.objects.get(digest=hashing.digest(token)))


def _deactivate(user: User, token: str) -> None:
    revocations.deactivate(user)


WAYS: dict[str, Callable[[User, str], None]] = {"token revoked": _revoke, "person deactivated": _deactivate}


async def check_cut(talkers: list[Talker], started_at: float) -> None:
    """Check that sockets are closed with 4401 in time."""
    for talker in talkers:
        assert await talker.closed() == 4401
    assert time.monotonic() - started_at < CUT_WITHIN_S


@pytest.mark.parametrize("is_redis_up", [True, False], ids=["Redis up", "Redis hangs"])
@pytest.mark.parametrize("way", list(WAYS))
async def test_on_both_processes(frail: Frail, alice: User, bob: User, way: str, is_redis_up: bool) -> None:
    served = frail.server
    conversation = await built(worlds.channel, alice, bob)
    kept, ended = await built(worlds.bearer, alice), await built(worlds.bearer, bob)
    other = await built(worlds.bearer, bob)
    async with spread(served, kept) as alices, spread(served, ended) as bobs, spread(served, other) as by_another_token:
        for (talker,) in (*alices, *bobs, *by_another_token):
            await talker.hello()
        if not is_redis_up:
            frail.queue.pause()
        started_at = time.monotonic()
        await built(WAYS[way], bob, ended)
        await check_cut([talker for (talker,) in bobs], started_at)
        said = await alices[0][0].said(conversation, "who is still here?")
        for (talker,) in by_another_token:
            if way == "person deactivated":
                assert await talker.closed() == 4401
            else:
                await talker.reached(conversation, said["seq"])
        for (talker,) in bobs:
            assert talker.seqs(conversation) == []
            async with Talker(served.socket_url, ended) as again:
                assert await again.closed() == 4401


async def test_signed_out(pair: Server, alice: User, bob: User) -> None:
    """The sockets of that session are cut, another session of the same person goes on."""
    conversation = await built(worlds.channel, alice, bob)
    browser, other = await Browser.signed_in(pair, bob), await Browser.signed_in(pair, bob)
    async with other.talker(pair.url) as kept:
        await kept.hello()
        ended = [await browser.talker(pair.url).open() for _ in range(6)]  # on both processes, most likely
        for talker in ended:
            assert (await talker.hello())["user"]["id"] == bob.pk
        cookie = browser.cookie
        started_at = time.monotonic()
        await browser.sign_out()
        await check_cut(ended, started_at)
        await kept.reached(conversation, await built(worlds.say, alice, conversation, "you are still here"))
        again = Talker(pair.socket_url, None, headers={"Cookie": cookie}, origin=pair.url)
        async with again:
            assert await again.closed() == 4401
    await other.client.aclose()


async def test_a_credential_whose_check_was_under_way(alice: User, bob: User) -> None:
    """It was good when it was looked up, and is revoked by the time that its socket is taken in."""
    async with quiet_hub() as hub:
        await hub.upkeep._confirm()
        _peer, tape = seat(hub, alice, ("token", "1"))
        await built(revocations.record, "token", "1")
        await hub.upkeep._confirm()
        assert tape.code == 4401
        with pytest.raises(AssertionError):
            seat(hub, alice, ("token", "1"))
        seat(hub, alice, ("token", "2"))
        await built(revocations.deactivate, alice)
        await hub.upkeep._confirm()
        with pytest.raises(AssertionError):
            seat(hub, alice, ("token", "2"))
        seat(hub, bob)


async def test_who_comes_in_anew_after_everything_was_cut_is_welcome(pair: Server, alice: User) -> None:
    """As after a password's reset: what was open ends, what is opened then does not, on either process."""
    token = await built(worlds.bearer, alice)
    async with spread(pair, token) as before:
        for (talker,) in before:
            await talker.hello()
        await built(revocations.cut, alice)
        async with spread(pair, token) as early:  # before each process has read of it
            for (talker,) in before:
                assert await talker.closed() == 4401
            async with spread(pair, token) as after:  # and once all have
                for (talker,) in (*early, *after):
                    await talker.hello()
                    await talker.echo()
