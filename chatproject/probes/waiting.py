"""What waits in the database and in Celery's queues, and which parts are up: asked when somebody wants the measures."""

import asyncio
import json
import time

from django.conf import settings
from prometheus_client.core import GaugeMetricFamily, Metric

from accounts.mail import outbox
from chatproject.celery import SENT_AT
from chatproject.dashboard import queues
from chatproject.probes import parts
from chatproject.probes.question import Question
from messaging import database, scheduled


async def _database() -> dict[str, float]:
    (mails,), (overdue,) = await database.fetch(outbox.WAITING), await database.fetch(scheduled.OVERDUE)
    return {
        "parley_mails_waiting": mails[0],
        "parley_mails_oldest_seconds": mails[1],
        "parley_scheduled_overdue": overdue[0],
        "parley_scheduled_overdue_seconds": overdue[1],
    }


async def _queues() -> list[queues.Waiting]:
    return await asyncio.to_thread(queues.look)


async def _oldest_task_s() -> float | None:
    """Tell how long ago the first task of Redis' queue was sent; None for another broker, 0 for an empty queue."""
    if not settings.CELERY_BROKER_URL.startswith(("redis", "unix")):
        return None
    async with parts.redis(settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://", 1)) as held:
        first = await held.lindex("celery", -1)
    if first is None:
        return 0.0
    sent_at = json.loads(first)["headers"].get(SENT_AT)
    return None if sent_at is None else max(0.0, time.time() - float(sent_at))


_DATABASE = {
    "parley_mails_waiting": "Mails that are not sent yet.",
    "parley_mails_oldest_seconds": "How long the first of them waits.",
    "parley_scheduled_overdue": "Scheduled messages that are due and not said.",
    "parley_scheduled_overdue_seconds": "How long the first of them has been due.",
}
DATABASE, QUEUES, OLDEST_TASK = Question(_database), Question(_queues), Question(_oldest_task_s)


async def metrics() -> list[Metric]:
    """Give what waits as metrics; what nobody answers for is left out."""
    up, rows, lengths, oldest_s = await asyncio.gather(
        parts.up(), DATABASE.answer(), QUEUES.answer(), OLDEST_TASK.answer()
    )
    found = [GaugeMetricFamily("parley_part_up", "1 where a part answers, as at /health/ready.", labels=["part"])]
    for part, is_up in up.items():
        found[0].add_metric([part], float(is_up))
    found += [GaugeMetricFamily(name, _DATABASE[name], value) for name, value in (rows or {}).items()]
    tasks = GaugeMetricFamily("parley_tasks_waiting", "Tasks that no worker has taken.", labels=["queue"])
    for queue in lengths or []:
        if queue.length is not None:
            tasks.add_metric([queue.name], queue.length)
    if oldest_s is not None:
        found.append(GaugeMetricFamily("parley_tasks_oldest_seconds", "How long the first task waits.", oldest_s))
    return [*found, tasks]
