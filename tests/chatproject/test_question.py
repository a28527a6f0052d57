"""A question to something that may hang: nobody waits for long, it is put once, and an answer serves for a moment."""

import asyncio

import pytest

from chatproject.probes import question
from chatproject.probes.question import Question


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "PATIENCE_S", 0.05)


async def test_nobody_waits_for_what_hangs_and_it_is_asked_once() -> None:
    lets_go = asyncio.Event()
    asked = []

    async def ask() -> str:
        asked.append(1)
        await lets_go.wait()
        return "here"

    hanging = Question(ask)
    async with asyncio.timeout(10):
        assert await asyncio.gather(*(hanging.answer() for _ in range(5))) == [None] * 5
        assert await hanging.answer() is None
        lets_go.set()
        assert hanging._asking is not None
        await hanging._asking
    assert await hanging.answer() == "here"
    assert len(asked) == 1


async def test_a_question_that_fails_is_put_again_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[str | None] = [None, "back"]

    async def ask() -> str:
        given = answers.pop(0)
        if given is None:
            raise OSError("away")
        return given

    failing = Question(ask)
    assert await failing.answer() is None
    assert await failing.answer() is None
    assert answers == ["back"]
    monkeypatch.setattr(question, "KEPT_S", -1.0)
    assert await failing.answer() == "back"
