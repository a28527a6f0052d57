"""Mails: plain text from `templates/mail/`, sent by Celery once what they tell of is committed."""

import logging
from functools import partial
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from kombu.exceptions import OperationalError

from accounts import workspace

log = logging.getLogger(__name__)


def site(request: HttpRequest) -> str:
    """Give the address in front of a link's path: `PARLEY_URL`, else the host that was asked (of ALLOWED_HOSTS)."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def post(template: str, to: str, **context: Any) -> None:
    """Send a mail after the commit: `templates/mail/<template>.txt`, whose first line is the subject.

    A queue that is away loses the mail, and the log says so; what was done stays done.
    """
    shared = {"workspace": workspace.display_name()}
    subject, _line, body = render_to_string(f"mail/{template}.txt", shared | context).strip().partition("\n")
    mail = (to, " ".join(subject.split()), body.strip() + "\n", template)
    transaction.on_commit(partial(queue, "send_mail", *mail))


def queue(task: str, *arguments: str) -> None:
    """Hand work to Celery by the task's name; where the queue is away, say so in the log and go on."""
    try:
        current_app.send_task(f"accounts.tasks.{task}", arguments, retry=False)
    except (OperationalError, OSError):
        log.exception("The queue is away: %s was not done.", task)
