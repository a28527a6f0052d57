"""SIGUSR2 replaces the web processes one by one, while they serve."""

import signal

import httpx
import pytest

from tests.parts import wait_until
from tests.up.running import PATIENCE_S, Up

pytestmark = pytest.mark.slow


def test_web_processes_are_replaced_while_they_answer(up):
    """Also a single one: the next serves before it goes."""
    parley: Up = up()
    before = parley.children("uvicorn")
    assert len(before) == 1
    others = {child.pid for child in parley.children("")} - {before[0].pid}
    failed = []

    def is_replaced() -> bool:
        try:
            httpx.get(f"http://127.0.0.1:{parley.port}/signin/", timeout=30).raise_for_status()
        except httpx.HTTPError as error:
            failed.append(error)
        return "The web processes are new." in parley.said()

    parley.process.send_signal(signal.SIGUSR2)
    wait_until(is_replaced, "another web process", PATIENCE_S)
    after = parley.children("uvicorn")
    assert len(after) == 1
    assert after[0].pid != before[0].pid
    assert {child.pid for child in parley.children("")} - {after[0].pid} == others
    assert failed == []
    assert "starting it again" not in parley.said()
    assert parley.stop() == 0
