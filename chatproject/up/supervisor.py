"""Children: started, restarted when they die, and stopped in order. One loop, one thread, woken by signals."""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from subprocess import Popen
from types import FrameType
from typing import Self

from chatproject.up.program import Program
from chatproject.up.pulse import SILENCE_S, Pulse

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
#: A child that lived this long starts again with the first pause.
SETTLED_AFTER_S = 60.0
#: When each stage of stopping is over, in seconds from its start: who is still there then is killed.
STAGE_ENDS_S = (6.0, 8.0, 9.0, 9.7)
#: How long another may take to serve, and one that is replaced to end (seconds).
ROLL_PATIENCE_S, LEAVE_PATIENCE_S = 60.0, 10.0
#: Children with a pulse are listened to so often.
LISTEN_S = 2.0
WEB, WORKER, QUEUE, DATABASE = range(4)


class Stopped(Exception):
    """Somebody asked us to stop."""


class _Child:
    def __init__(self, program: Program, stage: int) -> None:
        self.program = program
        self.stage = stage
        self.pause = FIRST_PAUSE_S
        self._pulse: Pulse | None = None
        #: It was asked to end, as another has taken its place.
        self.is_leaving = False
        self.spawn()

    def spawn(self) -> None:
        """Start it, for the first time or again."""
        self.lose_pulse()
        self._pulse = Pulse() if self.program.has_pulse else None
        self.process: Popen[bytes] = self.program.spawn(self._pulse)
        self.started = time.monotonic()
        #: When it is to be started again; None while it runs.
        self.due: float | None = None
        if self._pulse:
            self._pulse.started()

    def hangs(self) -> bool:
        """Tell whether it gives no sign of life any more."""
        return self._pulse is not None and self._pulse.is_silent()

    def lose_pulse(self) -> None:
        """Listen to it no more."""
        if self._pulse:
            self._pulse.close()
            self._pulse = None


class Supervisor:
    """The children of this process. As a context it takes the signals, and stops everything when it is left.

    `ended` is called with the process id of each child that has ended while we run.
    """

    def __init__(self, ended: Callable[[int], None]) -> None:
        self._ended = ended
        self._children: list[_Child] = []
        self._is_stopping = False
        self._is_to_roll = False

    def __enter__(self) -> Self:
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, self._note_stop)
        signal.signal(signal.SIGTERM, self._note_stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means what it says
            signal.signal(signal.SIGHUP, self._note_stop)
        signal.signal(signal.SIGUSR2, self._note_roll)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, program: Program, stage: int) -> None:
        """Start a child that is to run until we stop."""
        self._children.append(_Child(program, stage))

    def run(self, program: Program) -> int:
        """Run a child that ends by itself and give its exit code, looking after the others meanwhile."""
        process = program.spawn()
        try:
            self.wait_for(lambda: process.poll() is not None, timeout=float("inf"))
        finally:
            _end_group(process, signal.SIGTERM, time.monotonic() + 3.0)
        return process.returncode

    def wait_for(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait for a condition and tell whether it came (seconds). Raises Stopped."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._turn(0.03)
        return True

    def watch(self, is_serving: Callable[[int], bool]) -> None:
        """Look after the children until somebody asks us to stop; on SIGUSR2 replace those of `WEB` one by one.

        `is_serving` tells by its process id whether one of them takes what comes. Raises Stopped.
        """
        while True:
            if self._is_to_roll:
                self._is_to_roll = False
                self._roll(is_serving)
            dues = [child.due for child in self._children if child.due is not None]
            self._turn(min([LISTEN_S, *(max(0.0, due - time.monotonic()) for due in dues)]))

    def _roll(self, is_serving: Callable[[int], bool]) -> None:
        """Start another of each child that serves, and end the one before it once the other serves."""
        for old in [child for child in self._children if child.program.is_serving and child.due is None]:
            fresh = _Child(old.program, old.stage)
            self._children.append(fresh)
            if not self.wait_for(partial(_serves, fresh, is_serving), ROLL_PATIENCE_S):
                _say(f"Another {old.program.name} does not serve: the one before it goes on.")
                fresh.is_leaving = True
                _signal(fresh.process, signal.SIGKILL, whole_group=True)
                return
            old.is_leaving = True
            _signal(old.process, old.program.ends_on)
            if not self.wait_for(partial(self._is_gone, old), LEAVE_PATIENCE_S):
                _signal(old.process, signal.SIGKILL, whole_group=True)
        _say("The web processes are new.")

    def _is_gone(self, child: _Child) -> bool:
        return child not in self._children

    def stop(self) -> None:
        """End the children stage by stage, each in its own way; who doesn't end in time is killed."""
        began = time.monotonic()
        for stage, limit in enumerate(STAGE_ENDS_S):
            running = [child for child in self._children if child.stage == stage and child.due is None]
            for child in running:
                _signal(child.process, child.program.ends_on)
            for child in running:
                _end_group(child.process, None, began + limit)
        self._children.clear()

    def _note_roll(self, _number: int, _frame: FrameType | None) -> None:
        self._is_to_roll = True

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _turn(self, timeout: float | None) -> None:
        """Sleep until a signal comes or the time is over, then do what is due (seconds)."""
        select.select([self._woken], [], [], timeout)
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 4096)
        if self._is_stopping:
            raise Stopped
        for child in list(self._children):
            self._tend(child, time.monotonic())

    def _tend(self, child: _Child, now: float) -> None:
        if child.is_leaving:
            if child.process.poll() is not None:
                self._ended(child.process.pid)
                child.lose_pulse()
                self._children.remove(child)
        elif child.due is None and child.process.poll() is not None:
            if now - child.started > SETTLED_AFTER_S:
                child.pause = FIRST_PAUSE_S
            # Its own children (a worker's pool) would go on without it.
            _signal(child.process, signal.SIGKILL, whole_group=True)
            self._ended(child.process.pid)
            how = _how_it_ended(child.process.returncode)
            _say(f"{child.program.name} {how}: starting it again in {child.pause:g} s.")
            child.due, child.pause = now + child.pause, min(child.pause * 2, LONGEST_PAUSE_S)
        elif child.due is not None and child.due <= now:
            child.spawn()
        elif child.due is None and child.hangs():
            _say(f"{child.program.name} has given no sign of life for {SILENCE_S:g} s: ending it.")
            _signal(child.process, signal.SIGKILL, whole_group=True)
            child.lose_pulse()


def _serves(child: _Child, is_serving: Callable[[int], bool]) -> bool:
    return child.due is None and child.process.poll() is None and is_serving(child.process.pid)


def _signal(process: Popen[bytes], number: signal.Signals, *, whole_group: bool = False) -> None:
    with contextlib.suppress(ProcessLookupError):
        if whole_group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)


def _end_group(process: Popen[bytes], number: signal.Signals | None, deadline: float) -> None:
    """Ask a process to end, if a signal is named, and kill its whole group when it is still there at the deadline."""
    if number is not None and process.poll() is None:
        _signal(process, number)
    for _ in _until(deadline):
        if process.poll() is not None:
            break
    _signal(process, signal.SIGKILL, whole_group=True)
    process.wait()


def _until(deadline: float) -> Iterator[None]:
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)


def _how_it_ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
