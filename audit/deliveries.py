"""Deliveries: every checkpoint to every destination, tried again until it arrives."""

import logging
import random

from django.db import connections
from django.utils import timezone

from audit import checkpoint, connection
from audit.destinations.destination import Destination, Undelivered
from audit.models import Delivery

logger = logging.getLogger(__name__)

#: After the first failure and at most (seconds); doubled each time, give or take half.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 3600.0
#: An error that is kept (characters).
LONGEST_ERROR = 500

#: Every checkpoint that this destination has not been promised; of a destination that gets few, the newest, in time.
_PROMISE = """
INSERT INTO audit_delivery (checkpoint_id, destination, attempts, error)
SELECT c.id, %(url)s, 0, '' FROM audit_checkpoint c
WHERE c.id > coalesce(
      (SELECT max(checkpoint_id) FROM audit_delivery WHERE destination = %(url)s),
      (SELECT max(id) - 1 FROM audit_checkpoint))
  AND (%(every_s)s = 0 OR (c.id = (SELECT max(id) FROM audit_checkpoint) AND NOT EXISTS (
      SELECT FROM audit_delivery d JOIN audit_checkpoint p ON p.id = d.checkpoint_id
      WHERE d.destination = %(url)s AND p.at between now() - make_interval(secs => %(every_s)s) and now())))
ORDER BY c.id
ON CONFLICT DO NOTHING
"""
#: The oldest that is due, taken before it is tried: who dies meanwhile has failed, and no two try it at once. One that
#: is to wait for longer than after so many tries was put off before the clock was set back.
_TAKE = """
UPDATE audit_delivery SET attempts = attempts + 1, next_at = now() + make_interval(secs => least(
    %(first)s * power(2, least(attempts, 30)), %(longest)s) * %(jitter)s)
WHERE id = (
    SELECT id FROM audit_delivery WHERE destination = %(url)s AND delivered_at IS NULL
    AND (next_at <= now() OR next_at > now() + make_interval(secs => 2 * least(
        %(first)s * power(2, least(attempts, 30)), %(longest)s)))
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING *
"""


def promise(destination: Destination) -> None:
    """Make the rows of what a destination is still to get. One that is new begins with the newest."""
    with connections[connection.alias()].cursor() as cursor:
        cursor.execute(_PROMISE, {"url": destination.url, "every_s": destination.every_s})


def deliver_due(destination: Destination) -> int:
    """Hand over what is due to one destination, oldest first, until one fails; give how many arrived."""
    arrived = 0
    while taken := _take(destination.url):
        try:
            destination.deliver(checkpoint.parse(taken.checkpoint.line))
        except (OSError, ValueError, Undelivered, checkpoint.Malformed) as error:
            _note(taken, error=str(error)[:LONGEST_ERROR] or type(error).__name__)
            logger.warning("A checkpoint did not reach %s: %s", destination.url, error)
            break
        _note(taken, delivered_at=timezone.now(), error="")
        arrived += 1
    return arrived


def _take(url: str) -> Delivery | None:
    values = {
        "url": url,
        "first": FIRST_PAUSE_S,
        "longest": LONGEST_PAUSE_S,
        "jitter": random.uniform(0.5, 1.5),  # noqa: S311 — so that many don't come at once, and no secret
    }
    return next(iter(Delivery.objects.using(connection.alias()).raw(_TAKE, values)), None)


def _note(delivery: Delivery, **fields: object) -> None:
    Delivery.objects.using(connection.alias()).filter(pk=delivery.pk).update(**fields)
