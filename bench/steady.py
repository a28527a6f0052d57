"""A steady load: so many at once, each doing the next thing when the last is done."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles

from bench.pairs import Figure


async def keep_up(do: Callable[[int], Awaitable[None]], at_once: int, seconds: float) -> Figure:
    """Keep so many under way, numbered from 0, and count what is done a second."""
    took: list[float] = []
    began = time.perf_counter()

    async def one(number: int) -> None:
        while (start := time.perf_counter()) - began < seconds:
            await do(number)
            took.append(time.perf_counter() - start)

    await asyncio.gather(*map(one, range(at_once)))
    return rate(took, time.perf_counter() - began)


def rate(took: list[float], seconds: float) -> Figure:
    """Make a figure of how long each thing took (seconds) and how long all of them did."""
    cuts = quantiles(took, n=100)
    return Figure(len(took) / seconds, {"p50_ms": cuts[49] * 1e3, "p99_ms": cuts[98] * 1e3, "done": len(took)})
