"""`/metrics`: sums over all processes, right after one was killed, and for nobody else."""

import asyncio
import json
import os
import signal
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from django.db import connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from accounts.models import OutgoingMail
from chatproject import places
from chatproject.probes import metrics
from chatproject.tasks import give_sign
from messaging.ways.request import Turned
from tests import worlds
from tests.beside import Poller, Streamer
from tests.parts import wait_until
from tests.serving import Serve, Server
from tests.talking import MSGPACK, Talker, spread
from tests.worlds import built, person

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Samples:
    """Read Prometheus' text format."""
    families = text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    """Give one sample; 0 where it was never counted."""
    return samples.get((name, frozenset(labels.items())), 0.0)


async def scrape(server: Server) -> Samples:
    """Ask, by a connection of its own: the kernel chooses the process."""
    async with server.client() as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return read(answer.text)


async def until(server: Server, name: str, wanted: float, **labels: str) -> Samples:
    """Scrape until a sample has a value: what is counted for each frame is added up once a second."""
    async with asyncio.timeout(20):
        while True:
            samples = await scrape(server)
            if value(samples, name, **labels) == wanted:
                return samples
            await asyncio.sleep(0.1)


async def test_the_sums_are_right_over_both_processes_and_after_one_was_killed(server: Serve, tmp_path: Path) -> None:
    alice, bob, mallory = [await built(person, name) for name in ("alice", "bob", "mallory")]
    conversation = await built(worlds.channel, alice, bob)
    token = await built(worlds.bearer, alice)
    served = await asyncio.to_thread(server, workers=2, PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    async with spread(served, token) as parts, Talker(served.socket_url, await built(worlds.bearer, bob), MSGPACK) as b:
        for talker in (parts[0][0], parts[1][0], b):
            await talker.hello()
        ids = [await talker.say(conversation, f"{n}") for n in range(5) for talker in (parts[0][0], parts[1][0])]
        for id, talker in zip(ids, [parts[0][0], parts[1][0]] * 5, strict=True):
            await talker.answer(id, "ack")
        await parts[1][0].said(conversation, "0", id=ids[0])  # what was said on the other process already
        async with Talker(served.socket_url, await built(worlds.bearer, mallory)) as outsider:
            await outsider.answer(await outsider.say(conversation, "let me in"), "error")
            await outsider.error("send", conversation=conversation)
        async with served.client(token) as client:
            said = {"id": str(uuid.uuid4()), "body": "by REST"}
            assert (await client.post(f"/api/v1/conversations/{conversation}/messages", json=said)).status_code == 201
        for talker in (parts[0][0], parts[1][0], b):
            await talker.reached(conversation, 13)
        await until(served, "parley_events_delivered_total", 22, way="socket", codec="json")
        await until(served, "parley_events_delivered_total", 11, way="socket", codec="msgpack")
        samples = await until(served, "parley_clients", 2, way="socket", codec="json")
        assert value(samples, "parley_clients", way="socket", codec="msgpack") == 1
        assert value(samples, "parley_commands_total", door="put", verdict="ack") == 10
        assert value(samples, "parley_commands_total", door="put", verdict="duplicate") == 1
        assert value(samples, "parley_commands_total", door="put", verdict="not_found") == 1
        assert value(samples, "parley_commands_total", door="append_in", verdict="ack") == 1
        assert value(samples, "parley_frames_refused_total", code="malformed") == 1
        assert value(samples, "parley_ack_seconds_count") == 11
        assert value(samples, "parley_batch_commands_sum") == 12
        assert value(samples, "parley_delivery_lag_seconds_count") == 22  # each event on each process
        assert value(samples, "parley_delivery_lag_seconds_bucket", le="60.0") == 22
        doomed = parts[0][0].server_pid(served)
        left = 1 + (b.server_pid(served) != doomed)
        os.kill(doomed, signal.SIGKILL)
        wait_until(lambda: not psutil.pid_exists(doomed) or _is_over(served, doomed), "its end")
        samples = await scrape(served)
        assert sum(v for (name, _), v in samples.items() if name == "parley_clients") == left
        assert value(samples, "parley_commands_total", door="put", verdict="ack") == 10
        await parts[1][0].said(conversation, "after")
        await until(served, "parley_commands_total", 11, door="put", verdict="ack")


def _is_over(server: Server, pid: int) -> bool:
    return any(process.pid == pid and process.poll() is not None for process in server.processes)


async def test_ways_beside_the_socket_are_counted_as_themselves(site: Server) -> None:
    """On a server without a folder of its own for measures: it tells of its one process."""
    alice = await built(person, "alice")
    conversation = await built(worlds.channel, alice)
    token = await built(worlds.bearer, alice)
    before = await scrape(site)
    async with Streamer(site.socket_url, token) as stream, Poller(site.socket_url, token) as polls:
        await stream.hello()
        await polls.hello()
        await stream.said(conversation, "hello")
        await stream.reached(conversation, 2)
        await polls.reached(conversation, 2)
        for way in ("stream", "poll"):
            had = value(before, "parley_events_delivered_total", way=way, codec="json")
            await until(site, "parley_events_delivered_total", had + 1, way=way, codec="json")
        samples = await until(site, "parley_clients", 1, way="stream", codec="json")
        written = value(samples, "parley_frames_written_total", way="request", codec="json")
        assert written == value(before, "parley_frames_written_total", way="request", codec="json") + 1  # the ack


@pytest.fixture
def work() -> Iterator[None]:
    """A mail, a scheduled message and a task that wait, each for some time."""
    alice = person("alice")
    worlds.own_log(alice)
    hours_ago = timezone.now() - timedelta(hours=2)
    mail = OutgoingMail.objects.create(template="reset", sealed=b"", created_at=hours_ago, due_at=timezone.now())
    with connection.cursor() as cursor:
        late = json.dumps({"due_at": "2026-01-01T00:00:00.000000Z", "where": worlds.channel(alice), "body": "late"})
        values: list[Any] = [alice.pk, str(uuid.uuid4()), late]
        cursor.execute(
            "insert into personal_state (person_id, kind, key, seq, value) values (%s, 'schedule', %s, 1, %s)", values
        )
    with Redis.from_url(places.redis_url() or "") as redis:
        redis.delete("celery")
        give_sign.delay()
        yield
        redis.delete("celery")
    mail.delete()
    with connection.cursor() as cursor:
        cursor.execute("delete from personal_state where person_id = %s", [alice.pk])


@pytest.mark.usefixtures("work")
async def test_what_waits_is_told(site: Server) -> None:
    samples = await until(site, "parley_tasks_waiting", 1, queue="celery")
    assert value(samples, "parley_mails_waiting") >= 1
    assert value(samples, "parley_mails_oldest_seconds") >= 3600
    assert value(samples, "parley_scheduled_overdue") >= 1
    assert value(samples, "parley_scheduled_overdue_seconds") >= 60
    assert 0 < value(samples, "parley_tasks_oldest_seconds") < 60
    assert value(samples, "parley_part_up", part="database") == 1


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        (("192.0.2.7", 5), {}),
        (None, {}),
        (("127.0.0.1", 5), {"x-forwarded-for": "192.0.2.7"}),
        (("127.0.0.1", 5), {"forwarded": "for=192.0.2.7"}),
        (("127.0.0.1", 5), {"via": "1.1 proxy"}),
        (("127.0.0.1", 5), {"host": "evil.example"}),
        (("127.0.0.1", 5), {"authorization": "Bearer anything", "x-real-ip": "192.0.2.7"}),
    ],
)
def test_nobody_from_elsewhere_may_read_them(client: tuple[str, int] | None, headers: dict[str, str]) -> None:
    with pytest.raises(Turned) as turned:
        metrics.check(_scope(client, headers))
    assert turned.value.problem.status == 403


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Bearer secret-x", "Basic secret", "Bearer é"])
def test_where_there_is_a_token_it_alone_opens(authorization: str, settings) -> None:
    settings.METRICS_TOKEN = "secret"
    metrics.check(_scope(("192.0.2.7", 5), {"authorization": "Bearer secret", "x-forwarded-for": "192.0.2.8"}))
    with pytest.raises(Turned) as turned:
        metrics.check(_scope(("127.0.0.1", 5), {"authorization": authorization}))
    assert turned.value.problem.status == 401


def test_an_outsider_is_refused_by_a_server(site: Server) -> None:
    with httpx.Client(base_url=site.url) as client:
        through_a_proxy = client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
        assert through_a_proxy.status_code == 403
        assert through_a_proxy.headers["content-type"] == "application/problem+json"
        assert "parley_" not in through_a_proxy.text
        assert client.post("/metrics").status_code == 405


def _scope(client: tuple[str, int] | None, headers: dict[str, str]) -> dict[str, object]:
    given = {"host": "localhost:8000", **headers}
    return {"client": client, "headers": [(name.encode(), text.encode("latin-1")) for name, text in given.items()]}
