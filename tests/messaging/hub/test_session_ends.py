"""A socket lives no longer than the session or the token by which it was opened."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts import workspace
from accounts.access import notice, sessions
from accounts.models import DeviceSession, Grant, NoticeAcceptance, Setting, Token, User
from accounts.revocations import session_subject
from messaging.hub import Hub
from messaging.upkeep import LED_ON_PER_TICK, PARTS
from tests import worlds
from tests.messaging.hub.browsing import Browser
from tests.messaging.hub.frail import Frail
from tests.messaging.hub.inside import Statements, Tape, quiet_hub, seat
from tests.parts import wait_until
from tests.serving import Server
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


def _owner(name: str, ago: timedelta) -> User:
    """Make an owner of so long, of whom a second factor is asked after seven days."""
    user = worlds.appointed(name, "owner", ago=ago)
    User.objects.filter(pk=user.pk).update(is_factor_exempt=False)
    return user


def _set(name: str, value: int | str | None) -> None:
    Setting.objects.filter(name=name).delete()
    if value is not None:
        Setting.objects.create(name=name, value=value)


@pytest.fixture(autouse=True)
def _as_shipped():
    yield
    _set("idle_minutes", None)
    _set("session_hours", None)
    _set("notice", None)
    workspace.forget()


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


async def test_whose_factor_becomes_overdue_is_led_to_it(alice: User) -> None:
    zoe = await built(_owner, "zoe", timedelta(days=6, hours=23))
    token = str((await built(_token_of, zoe)).pk)
    async with quiet_hub() as hub:
        tapes = {
            name: seat(hub, user, credential)[1]
            for name, user, credential in (
                ("hers", zoe, await built(_row, zoe, "hers")),
                ("by a token", zoe, ("token", token)),
                ("of whom none is asked", alice, await built(_row, alice, "other")),
            )
        }
        assert await _looked(hub, tapes) == dict.fromkeys(tapes)
        await built(Grant.objects.filter(user=zoe).update, effective_at=timezone.now() - timedelta(days=7, minutes=1))
        assert await _looked(hub, tapes) == dict.fromkeys(tapes) | {"hers": 4401}


async def test_a_new_notice_leads_everybody_to_it_who_has_yet_to_accept_it(alice: User, bob: User) -> None:
    token = str((await built(_token_of, bob)).pk)
    async with quiet_hub() as hub:
        tapes = {
            name: seat(hub, user, credential)[1]
            for name, user, credential in (
                ("alice", alice, await built(_row, alice, "hers")),
                ("bob", bob, await built(_row, bob, "his")),
                ("by a token", bob, ("token", token)),
            )
        }
        await built(_set, "notice", "Kept for seven years.")
        await built(_accept, alice)
        assert await _looked(hub, tapes) == dict.fromkeys(tapes) | {"bob": 4401}
        await built(_set, "notice", "Kept for ten years – für zehn.")
        assert await _looked(hub, tapes) == {"alice": 4401, "bob": 4401, "by a token": None}
        await built(_accept, bob)
        _peer, again = seat(hub, bob, await built(_row, bob, "his again"))
        await built(_set, "notice", "")
        assert await _looked(hub, {"again": again}) == {"again": None}


async def test_all_at_once_are_led_on_a_part_a_tick_and_who_comes_back_meanwhile_stays(alice: User, bob: User) -> None:
    credential = await built(_row, alice, "all of hers")
    async with quiet_hub() as hub:
        tapes = [seat(hub, alice, credential)[1] for _ in range(LED_ON_PER_TICK)]
        late = await built(_row, bob, "his")
        tapes += [seat(hub, bob, late)[1] for _ in range(5)]
        await built(_set, "notice", "Kept for seven years.")
        await hub.upkeep._end_credentials()
        await built(_accept, bob)
        _peer, back = seat(hub, bob, late)
        closed = []
        for _tick in range(3):
            hub.upkeep._lead_on()
            closed.append(sum(tape.code == 4401 for tape in tapes))
        assert closed == [LED_ON_PER_TICK, len(tapes), len(tapes)]
        assert back.code is None


async def _looked(hub: Hub, tapes: dict[str, Tape]) -> dict[str, int | None]:
    """Let a hub look at its sessions, and tell how each socket was closed."""
    await hub.upkeep._end_credentials()
    hub.upkeep._lead_on()
    return {name: tape.code for name, tape in tapes.items()}


def _token_of(user: User) -> Token:
    worlds.bearer(user)
    return Token.objects.get(user=user)


def _accept(user: User) -> None:
    workspace.forget()
    NoticeAcceptance.objects.create(user=user, version=notice.version(notice.text()))


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


async def test_without_redis_sessions_work_and_nothing_waits(frail: Frail, alice: User) -> None:
    """Redis hangs: signing in, reading and signing out go on, and the socket is cut."""
    served = frail.server
    before = await Browser.signed_in(served, alice)
    frail.queue.pause()
    assert (await before.client.get("/api/v1/me")).status_code == 200
    during = await Browser.signed_in(served, alice)
    async with during.talker(served.url) as talker:
        await talker.hello()
        cookie = during.cookie
        await during.sign_out()
        assert await talker.closed() == 4401
    async with Talker(served.socket_url, None, headers={"Cookie": cookie}, origin=served.url) as again:
        assert await again.closed() == 4401
    frail.queue.resume()
    async with served.client() as thief:
        assert (await thief.get("/api/v1/me", headers={"Cookie": cookie})).status_code == 401
    assert (await before.client.get("/api/v1/me")).status_code == 200
    await before.client.aclose()
