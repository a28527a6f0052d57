"""A mail server for the tests of accounts."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from chatproject import smtp
from tests.post import MailServer


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    """Start each test with an empty queue, and with no mail counted."""
    from django.conf import settings  # late: this file is read before Django is set up

    valkey = redis.from_url(settings.REDIS_URL)
    valkey.delete("celery", *valkey.scan_iter("parley:1:mail:*"))


@pytest.fixture
def post(settings: Any, tmp_path) -> Iterator[MailServer]:
    """A mail server that gets what is sent; `deliver()` sends what waits in the queue."""
    server = MailServer()
    for name, value in smtp.settings(f"smtp+plain://127.0.0.1:{server.port}", tmp_path).items():
        setattr(settings, name, value)
    settings.IS_RATE_LIMITED = False
    yield server
    server.stop()
