"""Parley's settings, with the addresses of `same_bytes`."""

from chatproject.settings import *  # noqa: F403

ROOT_URLCONF = "bench.yardsticks.same_bytes"
