"""Each test of accounts begins with nothing on its way."""

import pytest
import redis


@pytest.fixture(autouse=True)
def _nothing_waits(_database_open: None) -> None:
    """Start each test with an empty queue, and with no mail that waits or is counted."""
    from django.conf import settings  # late: this file is read before Django is set up

    from accounts.models import OutgoingMail

    valkey = redis.from_url(settings.REDIS_URL)
    valkey.delete("celery", *valkey.scan_iter("parley:1:mail:*"))
    OutgoingMail.objects.all().delete()
