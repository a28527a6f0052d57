"""How much work waits: the length of each queue of Celery."""

from typing import Any, NamedTuple

from celery import current_app
from kombu.entity import Queue
from kombu.exceptions import ChannelError, KombuError

#: Nobody waits longer than this for a queue that is away.
TIMEOUT_S = 1.0


class Waiting(NamedTuple):
    """A queue; `length` None: nobody knows, it is away."""

    name: str
    length: int | None


def look() -> list[Waiting]:
    """Ask for the length of every queue that a task is sent to."""
    names = sorted(_names())
    limits = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S, "max_retries": 0}
    try:
        with (
            current_app.connection_for_write(connect_timeout=TIMEOUT_S, transport_options=limits) as connection,
            connection.channel() as channel,
        ):
            return [Waiting(name, _length(channel, name)) for name in names]
    except (KombuError, OSError, *current_app.connection_for_write().connection_errors):
        return [Waiting(name, None) for name in names]


def _names() -> set[str]:
    routes = current_app.conf.task_routes or {}
    routed = {route["queue"] for route in routes.values() if isinstance(route, dict) and "queue" in route}
    return {current_app.conf.task_default_queue, *routed}


def _length(channel: Any, name: str) -> int:
    try:
        queue: Any = Queue
        return int(queue(name, channel=channel).queue_declare(passive=True).message_count)
    except ChannelError:
        return 0  # nothing has been sent there yet
