"""A socket lives no longer than the session or the token by which it was opened."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.access import sessions
from accounts.models import DeviceSession, Setting, Token, User
from accounts.revocations import session_subject
from messaging.upkeep import PARTS
from tests import worlds
from tests.messaging.hub.browsing import Browser
from tests.messaging.hub.inside import Statements, quiet_hub, seat
from tests.messaging.hub.queue import Queue
from tests.parts import wait_until
from tests.serving import Serve, Server
from tests.talking import Talker
from tests.worlds import built


def _row(user: User, name: str) -> tuple[str, str]:
    """Make a session of somebody that was just used, and give its credential."""
    subject = session_subject(f"{user.pk} {name}")
    DeviceSession.objects.create(subject=subject, user=user)
    return "session", subject


def _earlier(credential: tuple[str, str], field: str, by: timedelta) -> None:
    DeviceSession.objects.filter(subject=credential[1]).update(**{field: F(field) - by})


def _is_unused(subject: str) -> bool:
    return DeviceSession.objects.get(subject=subject).last_used_at < timezone.now() - timedelta(minutes=1)


def _set(name: str, value: int | None) -> None:
    Setting.objects.filter(name=name).delete()
    if value is not None:
        Setting.objects.create(name=name, value=value)


@pytest.fixture(autouse=True)
def _as_shipped():
    yield
    _set("idle_minutes", None)
    _set("session_hours", None)


async def test_too_old_idle_or_expired_is_cut(alice: User, bob: User) -> None:
    await built(_set, "idle_minutes", 10)
    await built(_set, "session_hours", 1)
    good, old, idle = [await built(_row, alice, name) for name in ("good", "old", "idle")]
    tokens = [await built(worlds.bearer, bob) for _ in range(2)]
    ids = [str(token.pk) for token in await built(lambda: list(Token.objects.filter(user=bob).order_by("pk")))]
    await built(_earlier, old, "created_at", timedelta(hours=1))
    await built(_earlier, idle, "last_used_at", timedelta(minutes=11))
    await built(_earlier, good, "last_used_at", timedelta(minutes=10))
    await built(worlds.expire, tokens[0])
    async with quiet_hub() as hub:
        tapes = {
            name: seat(hub, user, credential)[1]
            for name, user, credential in (
                ("good", alice, good),
                ("old", alice, old),
                ("idle", alice, idle),
                ("expired", bob, ("token", ids[0])),
                ("in force", bob, ("token", ids[1])),
            )
        }
        await hub.upkeep._end_credentials()
        codes = {name: tape.code for name, tape in tapes.items()}
        assert codes == {"good": None, "old": 4401, "idle": 4401, "expired": 4401, "in force": None}


async def test_a_command_is_use_and_nothing_else_is(alice: User) -> None:
    used, silent = await built(_row, alice, "used"), await built(_row, alice, "silent")
    for credential in (used, silent):
        await built(_earlier, credential, "last_used_at", timedelta(minutes=5))
    async with quiet_hub() as hub:
        peer, _tape = seat(hub, alice, used)
        seat(hub, alice, silent)
        peer.is_used = True
        await hub.upkeep._end_credentials()
        assert not peer.is_used
    now = timezone.now()
    last = {row.subject: row.last_used_at for row in await built(lambda: list(alice.device_sessions.all()))}
    assert now - last[used[1]] < timedelta(minutes=1)
    assert now - last[silent[1]] > timedelta(minutes=4)


async def test_what_it_costs_is_a_statement_in_five_seconds_however_many_there_are(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = [await built(_row, alice, f"{number}") for number in range(30)]
    async with quiet_hub() as hub:
        for credential in credentials:
            seat(hub, alice, credential)
        statements = Statements(monkeypatch)
        for part in range(PARTS):  # ten seconds of ticks
            hub.upkeep._part = part
            await hub.upkeep._end_credentials()
        assert statements.sent == [sessions.ENDED] * 2
        for person in hub.people.values():
            for peer in person.peers:
                peer.is_used = True
        await hub.upkeep._end_credentials()  # of a part that does not look
        assert len(statements.sent) == 2
        hub.upkeep._part = 0
        await hub.upkeep._end_credentials()
        assert statements.sent[2:] == [sessions.USED, sessions.ENDED]


async def test_a_real_socket_is_closed_and_opens_no_more(site: Server, alice: User) -> None:
    conversation = await built(worlds.channel, alice)
    browser = await Browser.signed_in(site, alice)
    row = await built(lambda: DeviceSession.objects.get(user=alice))
    async with browser.talker(site.url) as talker:
        await talker.hello()
        await built(_earlier, ("session", row.subject), "last_used_at", timedelta(minutes=5))
        await talker.said(conversation, "still here")
        await built(wait_until, lambda: not _is_unused(row.subject), "the upkeep's note of use")
        await built(_earlier, ("session", row.subject), "created_at", timedelta(days=15))
        assert await talker.closed() == 4401
    async with browser.talker(site.url) as talker:
        assert await talker.closed() == 4401
    assert (await browser.client.get("/api/v1/me")).status_code == 401
    await browser.client.aclose()


async def test_without_redis_sessions_work_and_nothing_waits(server: Serve, queue: Queue, alice: User) -> None:
    """Redis hangs: signing in, reading and signing out go on, and the socket is cut."""
    served = server(workers=2, REDIS_URL=queue.url)
    before = await Browser.signed_in(served, alice)
    queue.pause()
    assert (await before.client.get("/api/v1/me")).status_code == 200
    during = await Browser.signed_in(served, alice)
    async with during.talker(served.url) as talker:
        await talker.hello()
        cookie = during.cookie
        await during.sign_out()
        assert await talker.closed() == 4401
    async with Talker(served.socket_url, None, headers={"Cookie": cookie}, origin=served.url) as again:
        assert await again.closed() == 4401
    queue.resume()
    async with served.client() as thief:
        assert (await thief.get("/api/v1/me", headers={"Cookie": cookie})).status_code == 401
    assert (await before.client.get("/api/v1/me")).status_code == 200
    await before.client.aclose()
