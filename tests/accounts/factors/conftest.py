"""Passkeys belong to a name, so their tests come by one."""

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(scope="module")
def any_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["*"]):
        yield
