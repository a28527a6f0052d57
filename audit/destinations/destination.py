"""What every transport is."""

import ssl
from dataclasses import dataclass
from typing import Self

from django.conf import settings

from audit.checkpoint import Checkpoint

#: How long a transport may wait for the other side at any step (seconds).
TIMEOUT_S = 10.0


class BadDestination(Exception):
    """An address that checkpoints can't be sent to; the text is a whole sentence for the terminal."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"PARLEY_CHECKPOINTS_TO: {url!r} {why}.")


class Undelivered(Exception):
    """It did not arrive; the text says why."""


@dataclass(frozen=True)
class Destination:
    """One address. `every_s`: it gets the newest checkpoint no more often than that; 0 is every checkpoint."""

    url: str
    every_s: int = 0

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read an address of this transport; raises BadDestination."""
        raise NotImplementedError

    def deliver(self, checkpoint: Checkpoint) -> None:
        """Hand a checkpoint over; raises Undelivered or OSError."""
        raise NotImplementedError


def tls() -> ssl.SSLContext:
    """Trust the machine's authorities, and those of `PARLEY_CHECKPOINTS_CA` besides."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.CHECKPOINTS_CA:
        context.load_verify_locations(settings.CHECKPOINTS_CA)
    return context
