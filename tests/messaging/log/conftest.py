"""What the tests of the log stand on."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from tests.messaging.log.line import Line


def _connect_django() -> None:
    connection.ensure_connection()


@pytest.fixture
async def line(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    """Lead every connection that this process opens outside the ORM over a line that can be cut."""
    await sync_to_async(_connect_django)()  # Django keeps to the server itself
    database = settings.DATABASES["default"]
    server = Path(database["HOST"]) / f".s.PGSQL.{database['PORT'] or 5432}"
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        async with Line(Path(folder), server) as line:
            monkeypatch.setitem(database, "HOST", folder)
            yield line
            monkeypatch.undo()
