"""What a hub counts of its promises: gaps found and healed, what catching up was answered from, how late events are."""

from prometheus_client import REGISTRY

from accounts.models import User
from messaging import gauges, measures
from messaging.commands import Verdict
from messaging.log import Log
from messaging.pending import Pending, fail
from tests import worlds
from tests.messaging.hub.inside import committed_elsewhere, eventually, hear, quiet_hub, seat
from tests.worlds import built


class Since:
    """What has been counted since it was made."""

    def __init__(self) -> None:
        self._before = self._all()

    def counted(self, name: str, **labels: str) -> float:
        """Give how much more a sample is now."""
        key = (name, frozenset(labels.items()))
        return self._all().get(key, 0.0) - self._before.get(key, 0.0)

    @staticmethod
    def _all() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        return {(s.name, frozenset(s.labels.items())): s.value for family in REGISTRY.collect() for s in family.samples}


async def test_gaps_that_heal_by_themselves_from_the_log_and_by_comparison(alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        await hub.catchup.hello(seat(hub, bob)[0], {})
        since = Since()
        room = hub.rooms[conversation]
        first, second, _third, fourth = [await committed_elsewhere(alice, conversation, f"{n}") for n in range(4)]
        hear(hub, second)
        hear(hub, first)
        assert since.counted("parley_gaps_found_total", sign="early") == 1
        assert since.counted("parley_gaps_healed_total", how="arrived") == 1
        hear(hub, fourth)
        await eventually(lambda: room.seq == fourth.seq, "what was missing")
        assert since.counted("parley_gaps_found_total", sign="early") == 2
        assert since.counted("parley_gaps_healed_total", how="log") == 1
        await hub.fill(room)  # nothing is missing
        await committed_elsewhere(alice, conversation, "lost")
        hub.upkeep._part = conversation % 20
        await hub.upkeep._compare_heads()
        await eventually(lambda: room.seq == fourth.seq + 1, "what Redis lost")
        assert since.counted("parley_gaps_found_total", sign="comparison") == 1
        assert since.counted("parley_gaps_healed_total", how="log") == 2
        assert since.counted("parley_gaps_healed_total", how="arrived") == 1


async def test_what_catching_up_is_answered_from(alice: User, bob: User) -> None:
    old, fresh = [await built(worlds.channel, alice, bob) for _ in range(2)]
    await built(worlds.say, alice, old, "before this hub began")
    async with quiet_hub() as hub:
        await hub.catchup.hello(seat(hub, alice)[0], {})
        hear(hub, await committed_elsewhere(alice, fresh, "heard here"))
        gauges.show(hub)
        since = Since()
        peer, tape = seat(hub, bob)
        await hub.catchup.hello(peer, {old: 2, fresh: 2})
        await hub.catchup.sync(peer, {old: 9})
        assert (tape.seqs(old), tape.seqs(fresh)) == ([3], [3])
        name = "parley_conversations_caught_up_total"
        assert {s: since.counted(name, source=s) for s in ("recent", "log", "gap")} == {"recent": 1, "log": 1, "gap": 1}
        gauges.show(hub)
        assert since.counted("parley_events_delivered_total", way="socket", codec="json") == 2
        await hub.catchup.sync(seat(hub, alice)[0], {old: 2})  # the hub has learned of the first reader
        assert since.counted(name, source="recent") == 2


async def test_how_late_events_are_is_counted_by_their_at(alice: User, monkeypatch) -> None:
    since = Since()
    ats = ["2026-11-24T23:59:59.999000Z", "2026-11-25T00:00:00.000500Z", "2026-11-25T00:00:09.000000Z"]
    now = 1795564800.0  # 2026-11-25T00:00:00Z
    monkeypatch.setattr("time.time", lambda: now + 1.0)
    measures.delivered(ats)
    monkeypatch.undo()
    assert since.counted("parley_delivery_lag_seconds_bucket", le="0.5") == 1  # ahead of us: no time at all
    assert since.counted("parley_delivery_lag_seconds_bucket", le="1.0") == 2
    assert since.counted("parley_delivery_lag_seconds_bucket", le="2.5") == 3
    assert abs(since.counted("parley_delivery_lag_seconds_sum") - 2.0005) < 1e-6


async def test_what_is_not_taken_is_counted_once(alice: User) -> None:
    conversation = await built(worlds.channel, alice)
    log = Log(lambda _entries: None, writers=1)
    since = Since()
    waiting: list[str | None] = []
    log.put(worlds.message(alice, conversation, "waits"), lambda verdict: waiting.append(verdict.code))
    await log.stop()
    assert (await log.append(worlds.message(alice, conversation, "too late"))).code == "unavailable"
    assert waiting == ["unavailable"]
    answered = Pending(worlds.message(alice, conversation, "answered"), lambda verdict: waiting.append(verdict.code))
    answered.answer(Verdict("muted"))
    fail([answered])  # the batch failed after that
    assert waiting == ["unavailable", "muted"]
    assert since.counted("parley_commands_total", door="put", verdict="unavailable") == 2
    assert since.counted("parley_unavailable_total", what="command") == 2
