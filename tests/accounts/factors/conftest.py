"""Wrong passwords are counted by where they come from, and all tests come from one address."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    """Leave no wrong password behind for the tests that come after."""
    from axes.models import AccessAttempt  # late: this file is read before Django is set up

    yield
    AccessAttempt.objects.all().delete()
