"""Start, stop, crash and recovery of a whole Parley."""

import os
import signal
import time
from functools import partial

import httpx
import psutil
import pytest
from django.conf import settings

from chatproject.places import DATABASE_ROLES
from chatproject.up.folders import Folders
from chatproject.up.postgres import Postgres
from chatproject.up.valkey import Valkey
from tests.parts import wait_until
from tests.up.running import PATIENCE_S, Up

pytestmark = pytest.mark.slow

#: What an ordered stop may take, by contract 10 s, and a second start, by contract 5 s, on a machine that is busy.
STOP_LIMIT_S, SECOND_START_LIMIT_S = 15.0, 20.0


def test_a_fresh_folder_becomes_a_workspace_and_starts_again(up):
    parley = up("--workers", "2")
    wait_until(lambda: len(parley.children("celery")) == 2, "the worker and beat", PATIENCE_S)
    wait_until((parley.data / "keys" / "trail.pem").exists, "the key of the trail", PATIENCE_S)
    assert len(parley.children("manage.py checkpoints")) == 1
    assert len(parley.children("uvicorn")) == 2
    assert len(parley.children("postgres -D")) == 1
    assert len(parley.children("valkey-server")) == 1
    assert (parley.data / "parts.json").stat().st_mode & 0o777 == 0o600
    assert not [c for p in parley.descendants() for c in p.net_connections("tcp") if c.laddr.port != parley.port]
    parley.keep_row("first")
    below = parley.descendants()

    began = time.monotonic()
    assert parley.stop() == 0
    assert time.monotonic() - began < STOP_LIMIT_S
    assert not [process for process in below if process.is_running()]
    assert not (parley.data / "parts.json").exists()

    began = time.monotonic()
    parley.start()
    assert time.monotonic() - began < SECOND_START_LIMIT_S
    assert parley.has_row("first")
    assert parley.said().count("Migrating…") == 1
    assert parley.stop(signal.SIGINT) == 0


def test_after_a_kill_of_the_whole_tree_the_next_start_has_every_row(up):
    parley = up()
    for number in range(20):
        parley.keep_row(f"row {number}")
    parley.kill_tree()
    parley.start()
    assert all(parley.has_row(f"row {number}") for number in range(20))


def test_a_first_start_that_is_cut_off_is_begun_again(tmp_path):
    parley = Up(tmp_path / "var")
    try:
        parley.spawn()
        wait_until(lambda: "Making the database…" in parley.said(), "initdb", PATIENCE_S)
        parley.kill_tree()
        parley.start()
        parley.keep_row("kept")
    finally:
        parley.__exit__()


def test_when_up_alone_is_killed_its_children_end_and_the_next_start_succeeds(up):
    parley = up()
    parley.keep_row("kept")
    below = parley.descendants()
    os.kill(parley.process.pid, signal.SIGKILL)
    parley.process.wait()
    parley.start()
    assert parley.has_row("kept")
    wait_until(lambda: not [p for p in below if _is_alive(p)], "the end of the orphans", PATIENCE_S)


def test_parts_left_over_from_before_are_ended_first(up, tmp_path):
    parley = up()
    parley.keep_row("kept")
    parley.stop()
    folders = Folders(tmp_path / "var")
    folders.make()
    server, queue = Postgres(folders), Valkey(folders)
    server.prepare()
    queue.prepare()
    leftovers = [server.program().spawn(), queue.program().spawn()]
    try:
        wait_until(lambda: server.is_ready() and queue.is_ready(), "the left-over parts")
        parley.start()
        assert [process.wait(PATIENCE_S) for process in leftovers] == [0, 0]
        assert parley.has_row("kept")
    finally:
        for process in leftovers:
            process.kill()


def test_children_that_die_are_started_again_and_that_is_said(up):
    parley = up()
    wait_until(lambda: len(parley.children("celery")) == 2, "the worker and beat", PATIENCE_S)
    for role in ("celery", "manage.py checkpoints", "valkey-server", "postgres -D", "uvicorn"):
        before = parley.children(role)
        before[0].kill()
        wait_until(partial(_is_replaced, parley, role, before), f"another {role}", PATIENCE_S)
        wait_until(parley.answers, "an answer on /", PATIENCE_S)
    for name in ("celery worker", "checkpoints", "valkey", "postgres", "uvicorn 1"):
        assert f"{name} was killed by SIGKILL: starting it again in 0.5 s." in parley.said()
    last = parley.children("uvicorn")[0]
    measures = parley.data / "metrics"
    assert list(measures.glob(f"gauge_live*_{last.pid}.db"))
    last.kill()
    sentence = "uvicorn 1 was killed by SIGKILL: starting it again in 1 s."
    wait_until(lambda: sentence in parley.said(), sentence, PATIENCE_S)
    assert not list(measures.glob(f"gauge_live*_{last.pid}.db"))  # who was connected to it is so no more
    assert list(measures.glob(f"histogram_{last.pid}.db"))  # what it has counted stays in the sums


def test_the_worker_does_what_it_is_given(up):
    parley = up()
    parley.keep_row("expired", until="yesterday")
    imports = "from accounts.tasks import clear_expired_sessions; from chatproject.tasks import give_sign"
    parley.shell(f"{imports}; clear_expired_sessions.delay(); give_sign.delay()")
    wait_until(lambda: not parley.has_row("expired"), "the task", PATIENCE_S)
    ready = f"http://127.0.0.1:{parley.port}/health/ready"
    wait_until(lambda: httpx.get(ready).json()["status"] == "ready", "a worker's sign of life", PATIENCE_S)


def test_foreign_parts_are_used_and_no_own_ones_started(tmp_path):
    foreign = {name: os.environ[name] for name in (*DATABASE_ROLES.values(), "REDIS_URL")}
    foreign["PARLEY_TRAIL_KEY"] = str(settings.TRAIL_KEY)
    with Up(tmp_path / "var", **foreign) as parley:
        wait_until(lambda: len(parley.children("celery")) == 2, "the worker and beat", PATIENCE_S)
        assert not parley.children("postgres -D")
        assert not parley.children("valkey-server")
        assert "database" not in parley.parts()


def _is_replaced(parley: Up, role: str, before: list[psutil.Process]) -> bool:
    now = parley.children(role)
    return len(now) == len(before) and before[0] not in now


def _is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
