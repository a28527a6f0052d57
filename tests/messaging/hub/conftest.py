"""The cast, and a Valkey.

pytest reads this before Django is set up, so what needs models is imported late.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.messaging.hub.queue import Queue

if TYPE_CHECKING:
    from accounts.models import User


def _person(name: str) -> "User":
    from tests.worlds import person

    return person(name)


@pytest.fixture
def alice() -> "User":
    """A member."""
    return _person("alice")


@pytest.fixture
def bob() -> "User":
    """A member."""
    return _person("bob")


@pytest.fixture
def carol() -> "User":
    """A member."""
    return _person("carol")


@pytest.fixture
def mallory() -> "User":
    """The outsider."""
    return _person("mallory")


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    """A Valkey of this test's own."""
    made = Queue(tmp_path / "queue")
    made.start()
    yield made
    made.stop()
