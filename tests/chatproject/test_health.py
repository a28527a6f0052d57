"""`/health/live` and `/health/ready`: what is down is told apart, quickly, to anybody, and no more than that."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from redis import Redis

from chatproject.probes import health
from chatproject.tasks import SIGN
from messaging import database, draining, hub
from tests.messaging.hub.queue import Queue
from tests.messaging.hub.test_database_hangs import by, line
from tests.messaging.log.line import Line
from tests.serving import Serve

__all__ = ["line"]  # a fixture


@pytest.fixture
def queue(tmp_path: Path) -> Any:
    """A Valkey of this test's own."""
    made = Queue(tmp_path / "queue")
    made.start()
    yield made
    made.stop()


async def _until(client: httpx.AsyncClient, status: int, **parts: str) -> dict[str, Any]:
    """Ask until the answer is this; each answer comes although something hangs."""
    async with asyncio.timeout(30):
        while True:
            live = await client.get("/health/live")
            assert (live.status_code, live.json()) == (200, {"status": "live"})
            answer = await client.get("/health/ready")
            shown: dict[str, Any] = answer.json()
            assert answer.headers["content-type"] == "application/json"
            if answer.status_code == status and shown["parts"].items() >= parts.items():
                return shown
            await asyncio.sleep(0.1)


async def test_what_is_down_is_told_apart(server: Serve, line: Line, queue: Queue) -> None:
    served = await asyncio.to_thread(server, DATABASE_URL=by(line), REDIS_URL=queue.url)
    all_up = dict.fromkeys(("database", "hub", "line", "redis"), "up")
    async with served.client() as client:
        shown = await _until(client, 200, **all_up, worker="down")
        assert shown["status"] == "degraded"
        assert set(shown) == {"status", "parts"}
        with Redis.from_url(queue.url) as redis:
            redis.set(cache.make_key(SIGN), 1, 60)  # as a worker does
        assert (await _until(client, 200, **all_up, worker="up"))["status"] == "ready"
        queue.pause()
        assert (await _until(client, 200, redis="down", line="down", database="up", hub="up"))["status"] == "degraded"
        queue.resume()
        await _until(client, 200, **all_up)
        line.hold()
        assert (await _until(client, 503, database="down", redis="up"))["status"] == "unavailable"
        line.release()
        assert (await _until(client, 200, **all_up, worker="up"))["status"] == "ready"
        assert (await client.head("/health/ready")).status_code == 200
        assert (await client.post("/health/ready")).status_code == 405


@pytest.fixture
async def _hub_over() -> AsyncIterator[None]:
    yield
    here = hub.running()
    if here is not None:
        await here.stop()
    await database.close_pool()


@pytest.mark.usefixtures("_hub_over")
async def test_a_process_that_goes_away_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    monkeypatch.setattr(draining._Going, "is_begun", False)
    await health.ready(send)
    draining.begin()
    await health.ready(send)
    assert [message["status"] for message in sent[::2]] == [200, 503]
    assert json.loads(sent[3]["body"])["status"] == "draining"
