"""Each test of accounts begins with nothing on its way."""

import pytest
import redis


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    """Start each test with an empty queue, and with no mail counted."""
    from django.conf import settings  # late: this file is read before Django is set up

    valkey = redis.from_url(settings.REDIS_URL)
    valkey.delete("celery", *valkey.scan_iter("parley:1:mail:*"))
