"""The Celery application: `celery -A chatproject worker`."""

import os
import time
from typing import Any

from celery import Celery
from celery.signals import before_task_publish

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

#: The header of a task that says when it was sent (Unix seconds): `/metrics` tells how long the first one waits.
SENT_AT = "parley_sent_at"


@before_task_publish.connect  # type: ignore[untyped-decorator]
def _note_when(headers: dict[str, Any], **_: object) -> None:
    headers[SENT_AT] = time.time()
