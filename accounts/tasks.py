"""What Celery does for accounts."""

from celery import shared_task
from django.core.management import call_command

from accounts import actor
from accounts.access import backoff, resets, sessions
from accounts.authority import approvals, recertification
from accounts.mail import delivery, links, sending
from accounts.people import dormancy, imports, signup

#: For the name of each wish for a mail what makes mails of it.
WISHES: sending.Makers = {"ask_reset": resets.send, "ask_signup": signup.send}


@shared_task  # type: ignore[untyped-decorator]
def clear_expired_sessions() -> None:
    """Delete sessions that have run out, what is left of those of long ago, and counts of failures without force."""
    call_command("clearsessions")
    sessions.forget_old()
    backoff.forget_old()


@shared_task  # type: ignore[untyped-decorator]
def start_idling_anew() -> None:
    """Take it that sessions used before the clock was set back were used now."""
    sessions.start_idling_anew()


@shared_task  # type: ignore[untyped-decorator]
def open_recertification() -> None:
    """Open the quarter's recertification, once a quarter whenever this runs."""
    recertification.open_quarter(actor.system("recertification"))


@shared_task  # type: ignore[untyped-decorator]
def lapse_approvals() -> None:
    """Mark requests for approval that nobody decided in time."""
    approvals.lapse(actor.system("approvals"))


@shared_task  # type: ignore[untyped-decorator]
def forget_imports() -> None:
    """Forget files of people that nobody has imported."""
    imports.forget_old()


@shared_task  # type: ignore[untyped-decorator]
def forget_mailed_links() -> None:
    """Delete links that ran out a month ago, with their addresses, and mails that are files of as long ago."""
    links.forget_old()
    delivery.forget_old_files()


@shared_task  # type: ignore[untyped-decorator]
def send_mail(pk: str) -> None:
    """Send a mail that waits."""
    sending.send(pk, WISHES)


@shared_task  # type: ignore[untyped-decorator]
def sweep_mails() -> None:
    """Send the mails that are due."""
    sending.sweep(WISHES)


@shared_task  # type: ignore[untyped-decorator]
def suspend_dormant() -> None:
    """Suspend people who have not been here for as long as the settings say."""
    dormancy.suspend_dormant()
