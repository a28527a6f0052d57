"""Mails that are to be sent: plain text from `templates/mail/`, kept sealed with what they tell of, in one commit."""

import logging
import time
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import hashing, sealing, workspace
from accounts.mail import rate
from accounts.models import OutgoingMail
from accounts.refusal import Refusal

log = logging.getLogger(__name__)


class _Queue:
    """Until when (monotonic) this process leaves the queue alone."""

    left_alone_until = float("-inf")


#: So long the queue has to bring a new mail to a worker, before the sweep takes it.
QUEUE_HAS = timedelta(minutes=2)
#: What waits in all while wishes can't be counted by who asks for them: then no more are taken.
MOST_UNCOUNTED = 1000
#: A queue that was away is left alone for so long: of all the mails of a deed only one waits for it.
LEFT_ALONE_S = 5.0
#: How many mails wait, and for how long the first of them has (seconds).
WAITING = """
select count(*), coalesce(greatest(extract(epoch from clock_timestamp() - min(created_at)), 0), 0)::float
from outgoing_mail
"""
#: So long a rotation waits for a mail that is being sent: longer than a mail server may take over all its answers.
_SENDING_LASTS = "3min"


def site(request: HttpRequest) -> str:
    """Give the address in front of a link's path: `PARLEY_URL`, else the host that was asked (of ALLOWED_HOSTS)."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def post(template: str, to: str, *, token: str = "", **context: Any) -> None:
    """Have a mail sent after the commit: `templates/mail/<template>.txt`, whose first line is the subject.

    It is kept in the transaction that is under way, so that it is sent if and only if what it tells of was done. With
    the `token` of its link (`links.make`) it is sent only for as long as that is good.
    """
    shared = {"workspace": workspace.display_name()}
    subject, _line, body = render_to_string(f"mail/{template}.txt", shared | context).strip().partition("\n")
    content = {"to": to, "subject": " ".join(subject.split()), "body": body.strip() + "\n"}
    _keep(template, content | ({"link": hashing.digest(token).hex()} if token else {}))


def wish(name: str, email: str, site: str, asked_from: str) -> None:
    """Have a worker make a mail, or none, for an address that a visitor gave: the work is the same for any address.

    Raises Refusal for too many. Where Redis is away, and they can't be counted, the worker counts them.
    """
    is_counted = rate.count(email, asked_from)
    if not is_counted and OutgoingMail.objects.all()[:MOST_UNCOUNTED].count() >= MOST_UNCOUNTED:
        raise Refusal("unavailable", _("No mail can be asked for just now: try again in a few minutes."))
    _keep(name, {"email": email, "site": site, "uncounted_from": "" if is_counted else asked_from})


def reseal(key_id: str) -> int:
    """Seal under the key in force what waits under another than this one, each by itself, and count it.

    One that is being sent is waited for; raises sealing.Busy in the end. One that can't be opened is left alone, and
    the log names it.
    """
    count = 0
    for pk in list(OutgoingMail.objects.exclude(key_id=key_id).values_list("pk", flat=True)):
        try:
            count += _reseal(pk)
        except OperationalError as error:
            raise sealing.Busy from error
    return count


@transaction.atomic
def _reseal(pk: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"set local lock_timeout = '{_SENDING_LASTS}'; set local statement_timeout = 0")
    mail = OutgoingMail.objects.select_for_update().filter(pk=pk).first()
    if mail is None:  # it was sent
        return False
    try:
        mail.keep(mail.content)
    except sealing.Unopenable as error:
        log.error("outgoing_mail %s can't be sealed anew: %s", pk, error)
        return False
    mail.save(update_fields=["key_id", "sealed"])
    return True


def _keep(template: str, content: dict[str, str]) -> None:
    with transaction.atomic(savepoint=False):
        mail = OutgoingMail(template=template, due_at=timezone.now() + QUEUE_HAS)
        mail.keep(content)
        mail.save(force_insert=True)
        transaction.on_commit(partial(_queue, str(mail.pk)))


def _queue(pk: str) -> None:
    """Tell a worker of a mail. Whatever hinders that, the sweep finds it: what was done stays done."""
    if time.monotonic() < _Queue.left_alone_until:
        return
    try:
        current_app.send_task("accounts.tasks.send_mail", (pk,), retry=False)
    except Exception as error:
        _Queue.left_alone_until = time.monotonic() + LEFT_ALONE_S
        log.warning("The queue is away (%s): outgoing_mail %s waits for the sweep.", type(error).__name__, pk)
