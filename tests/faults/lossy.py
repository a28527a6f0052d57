"""Parley's settings with a channel layer that loses a third: `server(DJANGO_SETTINGS_MODULE="tests.faults.lossy")`.

The product knows nothing of it: what is lost here is lost as Redis may lose it.
"""

import random
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from chatproject.settings import *  # noqa: F403

#: Of so many messages one is lost.
ONE_IN = 3

CHANNEL_LAYERS = {
    name: {**layer, "BACKEND": "tests.faults.lossy.LossyLayer"} if name == "default" else layer
    for name, layer in CHANNEL_LAYERS.items()  # noqa: F405
}


class LossyLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Says nothing of what it doesn't send."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send to a group, two times out of three."""
        if random.randrange(ONE_IN):
            await self.__getattr__("group_send")(group, message)  # it hands on what it does not have itself
