"""Slack's times keep their last digit."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.slack.moments import micros, moment


@given(st.integers(0, 253_402_300_799), st.integers(0, 999_999))
def test_every_microsecond_is_its_own(seconds: int, fraction: int) -> None:
    at = micros(f"{seconds}.{fraction:06}")
    assert at == seconds * 1_000_000 + fraction
    then = moment(at)
    assert (then.microsecond, then.tzinfo) == (fraction, UTC)
    assert then.replace(microsecond=0) == datetime(1970, 1, 1, tzinfo=UTC).fromtimestamp(seconds, UTC)


def test_short_forms() -> None:
    assert micros("1359212661") == 1_359_212_661_000_000
    assert micros("1359212661.5") == 1_359_212_661_500_000


@pytest.mark.parametrize(
    "ts", [None, "", "x", "-1.000000", "1e9", "1.1234567", "1.", "٣.000000", "253402300800.0", " 1"]
)
def test_what_is_no_time(ts: str | None) -> None:
    assert micros(ts) is None
