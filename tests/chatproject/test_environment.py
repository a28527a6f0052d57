"""Numbers that an operator sets are read, or refused with a sentence that says which and why."""

import os
import subprocess
import sys

import pytest

from chatproject.environment import whole_number
from chatproject.places import ROOT


def conversation_per_s(text: str) -> tuple[int, str]:
    """Give what a process says of the setting: its exit code, and its words."""
    argv = [sys.executable, "-c", "from chatproject import settings; print(settings.CONVERSATION_PER_S)"]
    environment = os.environ | {"PARLEY_CONVERSATION_PER_S": text}
    read = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return read.returncode, read.stdout.strip() or read.stderr.strip()


def test_what_a_conversation_takes() -> None:
    assert conversation_per_s("7") == (0, "7")
    wanted = "PARLEY_CONVERSATION_PER_S is a whole number of at least 1, such as 200, and not 'many'."
    assert conversation_per_s("many") == (1, wanted)


@pytest.mark.parametrize(("text", "number"), [(None, 200), ("", 200), (" 1 ", 1), ("30", 30)])
def test_a_number(monkeypatch: pytest.MonkeyPatch, text: str | None, number: int) -> None:
    if text is not None:
        monkeypatch.setenv("PARLEY_N", text)
    assert whole_number("PARLEY_N", 200) == number


@pytest.mark.parametrize("text", ["many", "0", "-5", "2.5", "²", "1" * 5000])
def test_no_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PARLEY_N", text)
    with pytest.raises(ValueError, match=r"^PARLEY_N is a whole number of at least 1, such as 200, and not "):
        whole_number("PARLEY_N", 200)
