"""How often something was asked for within a while, by whom: counts in Redis, which may be lost."""

import hashlib
import logging
import time

import redis
from django.core.cache import cache

log = logging.getLogger(__name__)


def add(kind: str, who: str, period_s: int) -> int | None:
    """Count once more and give how often it is since the period began; None while Redis is away, and nothing counts.

    Periods begin at multiples of their length, and each has a name of its own: where the clock is set back, what Redis
    now keeps for longer than meant is not looked at.
    """
    period = int(time.time() // period_s)
    key = f"{kind}:{period}:{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()}"
    try:
        cache.add(key, 0, period_s)
        return int(cache.incr(key))
    except ValueError:  # the period ended between the two
        return 0
    except redis.RedisError:
        log.warning("%s is not counted: Redis is away.", kind)
        return None
