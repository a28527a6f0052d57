"""How long things take that begin at a steady pace, whatever became of those before."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles

from bench.pairs import Figure

_PATIENCE_S = 30.0


async def paced(do: Callable[[int], Awaitable[None]], rate: float, seconds: float) -> Figure:
    """Begin so many a second, numbered from 0, each on its tick, and time each from its tick."""
    took: list[float] = []
    began = time.perf_counter() + 0.1

    async def one(number: int, tick: float) -> None:
        await do(number)
        took.append(time.perf_counter() - tick)

    async with asyncio.timeout(seconds + _PATIENCE_S), asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            tick = began + number / rate
            await asyncio.sleep(tick - time.perf_counter())
            group.create_task(one(number, tick))
    return of(took)


def of(took: list[float]) -> Figure:
    """Make a figure of how long each thing took (seconds): the median in ms, and the 99th percentile beside it."""
    cuts = quantiles(took, n=100)
    return Figure(cuts[49] * 1e3, {"p99_ms": cuts[98] * 1e3, "done": len(took)})
