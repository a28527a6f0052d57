from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.up.running import Up


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Start a Parley in the test's own folder: `up()`, `up("--workers", "2")`."""
    with ExitStack() as stack:
        yield lambda *options, **more: stack.enter_context(Up(tmp_path / "var", *options, **more))
