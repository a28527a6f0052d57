"""The cache: Redis while it answers. Whoever caches has the truth elsewhere, so nothing waits for it and nothing fails.

What is kept is JSON and not pickled: whoever can write to Redis runs no code here.
"""

import json
import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from accounts.breaker import Breaker

P = ParamSpec("P")
T = TypeVar("T")

#: After a failure Redis is left alone for so long.
REST_S = 5.0

logger = logging.getLogger(__name__)

#: One a process: Django makes a cache for each request.
_breaker = Breaker(REST_S)


class Json:
    """Writes values as JSON."""

    def dumps(self, value: Any) -> bytes:
        """Write a value."""
        return json.dumps(value, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        """Read a value."""
        return json.loads(data)


class Breaking(RedisCache):
    """Django's Redis cache behind a circuit breaker: while Redis is away it is empty and takes nothing."""

    def _tried(self, call: Callable[P, T], default: Any, *args: P.args, **kwargs: P.kwargs) -> T:
        since = _breaker.let_through()
        if since is None:
            return default  # type: ignore[no-any-return]
        try:
            answer = call(*args, **kwargs)
        except (RedisError, OSError) as error:
            logger.warning("the cache is left alone for %.0f s: %s", REST_S, error)
            _breaker.failed(since)
            return default  # type: ignore[no-any-return]
        _breaker.succeeded()
        return answer

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Read a value; the default while Redis is away."""
        return self._tried(super().get, default, key, default, version)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        """Keep a value; nothing while Redis is away."""
        self._tried(super().set, None, key, value, *args, **kwargs)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value."""
        return self._tried(super().delete, False, key, version)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Tell whether a value is there."""
        return self._tried(super().has_key, False, key, version)
