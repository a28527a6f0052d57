"""A child that hangs is told from one that rests, and from a supervisor that was away itself."""

import signal
import sys
from collections.abc import Iterator

import pytest

from chatproject.up import pulse, supervisor
from chatproject.up.program import Program
from chatproject.up.supervisor import WEB, Supervisor

BEATS = "import time; from chatproject.up import pulse\nwhile True: pulse.beat(); time.sleep(0.05)"
HANGS = "import time; from chatproject.up import pulse\npulse.beat(); time.sleep(600)"


@pytest.fixture
def signals() -> Iterator[None]:
    """Put back what a supervisor takes."""
    taken = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in taken}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_who_hangs_is_ended_and_started_again(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pulse, "SILENCE_S", 1.0)
    said = ""

    def is_ended_twice() -> bool:
        nonlocal said
        said += capfd.readouterr().err
        return said.count("hangs was killed by SIGKILL: starting it again") == 2

    with Supervisor(lambda _pid: None) as parent:
        for name, code in (("beats", BEATS), ("hangs", HANGS)):
            parent.start(Program(name, [sys.executable, "-c", code], has_pulse=True), WEB)
        parent.start(Program("has none", ["sleep", "600"]), WEB)
        assert parent.wait_for(is_ended_twice, 60)
    assert said.count("hangs has given no sign of life for") == 2
    assert "beats" not in said
    assert "has none" not in said


def test_who_was_away_itself_waits_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        now_s = 100.0

        def monotonic(self) -> float:
            return self.now_s

    clock = Clock()
    monkeypatch.setattr(pulse, "time", clock)
    heard = pulse.Pulse()
    monkeypatch.setenv(*next(iter(heard.environment.items())))

    def after(seconds: float) -> bool:
        clock.now_s += seconds
        return heard.is_silent()

    assert [after(supervisor.LISTEN_S) for _ in range(50)] == [False] * 50  # a slow start
    pulse.beat()
    assert not after(2)
    assert [after(2) for _ in range(8)] == [False] * 7 + [True]
    pulse.beat()
    assert not after(2)
    assert not after(3600)
    assert [after(2) for _ in range(8)] == [False] * 7 + [True]
    heard.started()
    heard.close()
