"""Each test of accounts begins with nothing on its way."""

from typing import Any

import pytest
import redis


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    """Start each test with an empty queue, and with no mail counted."""
    from django.conf import settings  # late: this file is read before Django is set up

    valkey = redis.from_url(settings.REDIS_URL)
    valkey.delete("celery", *valkey.scan_iter("parley:1:mail:*"))


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Hash passwords in no time, where a test is about something else and signs in often."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
