"""People who talk at a steady pace, each in a channel of one's own, and how soon what they say is acknowledged.

No Django here: it runs in a process of its own as well.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

import msgspec
import uvloop

from bench.asking import Asker
from bench.latency import paced
from bench.pairs import Figure
from bench.sockets import bearer, opened

BODY = "x" * 300


class Talkers(NamedTuple):
    """Where they connect, their tokens, and the channel of each."""

    url: str
    tokens: Sequence[str]
    channels: Sequence[int]

    def talk(self, rate: float, seconds: float) -> Figure:
        """Say so many messages a second all together, and give p50 and p99 of the acknowledgements."""
        return uvloop.run(self._talk(rate, seconds))

    async def _talk(self, rate: float, seconds: float) -> Figure:
        async with opened(self.url, Asker, [bearer(token) for token in self.tokens]) as sockets:

            async def do(number: int) -> None:
                at, id = number % len(sockets), str(uuid4())
                said = {"type": "send", "id": id, "conversation": self.channels[at], "body": BODY}
                await sockets[at].ask(id, msgspec.json.encode(said))

            return await paced(do, rate, seconds)
