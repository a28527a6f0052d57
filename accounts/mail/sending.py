"""What workers do with mails that wait: send each, again and again where need be, and give up after a day."""

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum, auto

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import sealing
from accounts.mail import delivery, links, rate
from accounts.mail.outbox import QUEUE_HAS
from accounts.models import OutgoingMail
from accounts.refusal import Refusal

log = logging.getLogger(__name__)

#: The wait after the first failure; it doubles, up to the longest. Between a half and the whole of it is waited.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
#: A mail that nobody took for so long is dropped: nearly every link in mails is void by then.
GIVEN_UP_AFTER = timedelta(days=1)
#: A sweep begins no further mail after so long: the next one is near.
SWEEP_LASTS_S = 50.0

#: For the name of each wish what makes mails of it, given the address and the site.
Makers = Mapping[str, Callable[[str, str], None]]


class Outcome(Enum):
    """What became of a mail."""

    DONE = auto()
    LATER = auto()
    #: The mail server is away, so that others would fare the same.
    AWAY = auto()


def send(pk: str, makers: Makers) -> None:
    """Send a mail that waits, unless it is sent, or is being sent."""
    _send(OutgoingMail.objects.filter(pk=pk), makers)


def sweep(makers: Makers) -> None:
    """Give up what is too old, then send what is due, one by one, until the mail server is away or time is up.

    Several may run at once, beside workers that send: each mail is locked by whoever sends it, and the others go on.
    """
    _give_up()
    ends = time.monotonic() + SWEEP_LASTS_S
    while time.monotonic() < ends:
        if _send(_due(), makers) not in (Outcome.DONE, Outcome.LATER):
            return


def _due() -> "QuerySet[OutgoingMail]":
    """Give the mails that are due, first come first; those too that were put off before the clock was set back."""
    now = timezone.now()
    put_off = Q(attempts=0, due_at__gt=now + QUEUE_HAS) | Q(due_at__gt=now + LONGEST_WAIT)
    return OutgoingMail.objects.filter(Q(due_at__lte=now) | put_off).order_by("due_at")


def wait(attempts: int) -> timedelta:
    """Give how long to wait after so many failures in a row, with jitter."""
    whole: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    return whole * (0.5 + secrets.randbelow(500) / 1000)


def _send(mails: "QuerySet[OutgoingMail]", makers: Makers) -> Outcome | None:
    """Send the first of some mails that nobody else sends, holding its lock; None where there is none.

    A worker that dies lets go of the lock, and the mail is as it was. One that dies between the server's word and the
    commit has sent a mail that will be sent again.
    """
    with transaction.atomic():
        mail = mails.select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        outcome = _try(mail, makers)
        if outcome is Outcome.DONE:
            mail.delete()
            return outcome
        mail.attempts += 1
        mail.due_at = timezone.now() + wait(mail.attempts)
        mail.save(update_fields=["attempts", "due_at"])
        return outcome


def _try(mail: OutgoingMail, makers: Makers) -> Outcome:
    """Send a mail, or make those that a wish is for. Faults are logged by kind: their words hold addresses."""
    try:
        content = mail.content
        if mail.template in makers:
            return _make(makers[mail.template], **content)
        if "link" in content and not links.is_good(bytes.fromhex(content["link"])):
            log.warning("A mail (%s) waited for so long that its link is void: it is left out.", mail.template)
            return Outcome.DONE
        delivery.send(content["to"], content["subject"], content["body"], mail.template, mail.pk)
    except sealing.Unopenable as error:
        log.error("outgoing_mail %s (%s) can't be opened: %s", mail.pk, mail.template, error)
        return Outcome.LATER
    except delivery.Deferred as error:
        log.warning("The mail server takes a mail (%s) later: %s.", mail.template, error)
        return Outcome.LATER
    except OSError as error:
        log.warning("No mail can be sent (%s): one (%s) waits.", type(error).__name__, mail.template)
        return Outcome.AWAY
    except Exception as error:  # this one must not hold up the others
        log.error("A mail (%s) failed: %s.", mail.template, type(error).__name__)
        return Outcome.LATER
    return Outcome.DONE


def _make(make: Callable[[str, str], None], *, email: str, site: str, uncounted_from: str) -> Outcome:
    """Make mails of a wish, unless too many were asked for while they could not be counted."""
    try:
        if uncounted_from and not rate.count(email, uncounted_from):
            return Outcome.LATER
    except Refusal:
        log.warning("More mails were asked for than may be while Redis was away: one is left out.")
        return Outcome.DONE
    with transaction.atomic():
        make(email, site)
    return Outcome.DONE


@transaction.atomic
def _give_up() -> None:
    """Drop what is too old, and say so."""
    old = OutgoingMail.objects.filter(created_at__lt=timezone.now() - GIVEN_UP_AFTER)
    given_up = list(old.select_for_update(skip_locked=True).only("pk", "template", "attempts"))
    OutgoingMail.objects.filter(pk__in=[mail.pk for mail in given_up]).delete()
    for template, count in sorted(Counter(mail.template for mail in given_up).items()):
        log.error("%d mails (%s) were given up: for a day none of them could be sent.", count, template)
