"""Web processes that several tests share: pytest makes each once a worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.messaging.hub.frail import Frail
from tests.serving import Server


@pytest.fixture(scope="session")
def pair(data_folder: Path) -> Iterator[Server]:
    """Two web processes on one port, for all tests that don't disturb them."""
    started = Server(data_folder / "log", workers=2)
    try:
        yield started.start()
    finally:
        started.stop()


@pytest.fixture(scope="session")
def _frail(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frail]:
    made = Frail(tmp_path_factory.mktemp("frail"), data_folder / "log")
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture
def frail(_frail: Frail) -> Iterator[Frail]:
    """Two web processes with a Valkey of their own, which a test may stop and kill: it is there again for the next."""
    yield _frail
    _frail.mend()
