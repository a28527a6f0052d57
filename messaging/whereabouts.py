"""What Redis holds of who is here: a hash a process that expires with it, and when people were last seen.

A step of a process costs a handful of commands, however many people come, go or are asked for in it.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

#: A process that is not heard of for so long is gone, and everybody there with it.
LIFE_S = 35
#: When somebody was last seen is kept by the month, for the present and the last one.
SEEN_LIFE_S = 62 * 86_400
#: Names of processes are forgotten a day after the last sign of them: a hash that has expired harms nobody. A sign that
#: lies further ahead than hosts' clocks differ is from before the clock was set back, as then is the hash's expiry: who
#: lives gives another one soon, and who does not is here no more.
NAMES_LIFE_S, NAMES_AHEAD_S = 86_400, 600
TIMEOUT_S = 1.0
AT_ONCE = 1_000
PREFIX = "parley:presence"
ONLINE = "online"


class Whereabout(NamedTuple):
    """Where somebody is: online, or here without input since, or not here and last seen then (Unix seconds)."""

    is_online: bool
    is_here: bool
    last_at: int | None


def connect() -> Redis:
    """Make a client of Redis that gives up soon: what waits for it is news, or nothing."""
    return Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def _seen_keys(now: float) -> list[str]:
    """Name the hashes of this month and the last."""
    at = datetime.fromtimestamp(now, UTC)
    last = (at.year, at.month - 1) if at.month > 1 else (at.year - 1, 12)
    return [f"{PREFIX}:seen:{year}-{month:02}" for year, month in ((at.year, at.month), last)]


class Whereabouts:
    """This process's people in Redis, and everybody's for reading. Every call raises RedisError where Redis is away."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._key = f"{PREFIX}:here:{process}"
        self._redis = connect()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._redis.aclose()

    async def renew(self) -> bool:
        """Show that this process lives; False where Redis holds nobody of it."""
        async with self._redis.pipeline(transaction=False) as pipe:
            now = time.time()
            pipe.zadd(f"{PREFIX}:processes", {self._process: now})
            pipe.zremrangebyscore(f"{PREFIX}:processes", "-inf", now - NAMES_LIFE_S)
            pipe.zremrangebyscore(f"{PREFIX}:processes", now + NAMES_AHEAD_S, "inf")
            pipe.expire(self._key, LIFE_S)
            return bool((await pipe.execute())[-1])

    async def write(self, here: Mapping[int, str], seen: Mapping[int, int], *, is_anew: bool) -> None:
        """Write down who is here, as ONLINE or the Unix time of the last input, and when who is gone was last seen.

        `is_anew`: in place of all that was written before.
        """
        async with self._redis.pipeline(transaction=True) as pipe:
            if is_anew:
                pipe.delete(self._key)
            for part in _parts(here):
                pipe.hset(self._key, mapping={str(person): here[person] for person in part})
            for part in _parts(seen):
                if not is_anew:
                    pipe.hdel(self._key, *map(str, part))
                pipe.hset(_seen_keys(time.time())[0], mapping={str(person): seen[person] for person in part})
            if here:
                pipe.expire(self._key, LIFE_S)
            if seen:
                pipe.expire(_seen_keys(time.time())[0], SEEN_LIFE_S)
            await pipe.execute()

    async def note_seen(self, people: Iterable[int]) -> None:
        """Write down that people were seen now, in case this process ends without a word."""
        key, now = _seen_keys(time.time())[0], int(time.time())
        async with self._redis.pipeline(transaction=False) as pipe:
            for part in _parts(list(people)):
                pipe.hset(key, mapping={str(person): now for person in part})
            pipe.expire(key, SEEN_LIFE_S)
            await pipe.execute()

    async def read(self, people: Sequence[int]) -> dict[int, Whereabout]:
        """Tell where people are, on whatever process."""
        processes = cast("list[str]", await self._redis.zrange(f"{PREFIX}:processes", 0, -1))
        found: dict[int, Whereabout] = {}
        for part in _parts(people):
            async with self._redis.pipeline(transaction=False) as pipe:
                for key in (*(f"{PREFIX}:here:{process}" for process in processes), *_seen_keys(time.time())):
                    pipe.hmget(key, list(map(str, part)))
                *here, this_month, last_month = await pipe.execute()
            for nth, person in enumerate(part):
                states = [values[nth] for values in here if values[nth] is not None]
                found[person] = _whereabout(states, this_month[nth] or last_month[nth])
        return found


def _whereabout(states: Sequence[str], seen: str | None) -> Whereabout:
    if ONLINE in states:
        return Whereabout(is_online=True, is_here=True, last_at=None)
    if states:
        return Whereabout(is_online=False, is_here=True, last_at=max(map(int, states)))
    return Whereabout(is_online=False, is_here=False, last_at=int(seen) if seen else None)


def _parts(people: Any) -> list[list[int]]:
    listed = list(people)
    return [listed[first : first + AT_ONCE] for first in range(0, len(listed), AT_ONCE)]
