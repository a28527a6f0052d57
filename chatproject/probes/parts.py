"""Which parts answer: the database, Redis, the hub with its line to the other processes, and the worker."""

import asyncio

from django.conf import settings
from django.core.cache import cache
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chatproject.probes.question import Question
from chatproject.tasks import SIGN
from messaging import database, hub

#: Without these a process serves nobody. Without the others it goes on: slower, or without mail and what is scheduled.
NEEDED = ("database", "hub")
TIMEOUT_S = 1.0


def redis(url: str = "") -> Redis:
    """Open a connection, to Redis where no other is named, that doesn't wait for long."""
    return Redis.from_url(
        url or settings.REDIS_URL,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


async def _database() -> bool:
    return bool(await database.fetch("select 1"))


async def _hub() -> bool:
    """Tell whether rights were confirmed lately: a hub that could not for 15 s delivers nothing."""
    return (await hub.current()).upkeep.is_confirmed()


async def _line() -> bool:
    """Tell whether this process hears what the others say."""
    return await (await hub.current()).exchange.hears()


async def _redis() -> bool:
    async with redis() as held:
        return bool(await held.ping())


async def _worker() -> bool:
    """Tell whether a worker has carried out anything of Celery's clock lately."""
    async with redis() as held:
        return bool(await held.exists(cache.make_key(SIGN)))


PARTS = {
    "database": Question(_database),
    "hub": Question(_hub),
    "line": Question(_line),
    "redis": Question(_redis),
    "worker": Question(_worker),
}


async def up() -> dict[str, bool]:
    """Ask every part whether it is up."""
    answers = await asyncio.gather(*(part.answer() for part in PARTS.values()))
    return {name: answer is True for name, answer in zip(PARTS, answers, strict=True)}
