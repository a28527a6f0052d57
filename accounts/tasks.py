"""What Celery does for accounts."""

from celery import shared_task
from django.core.management import call_command

from accounts import actor
from accounts.access import backoff, resets, sessions
from accounts.authority import approvals, recertification
from accounts.mail import delivery, links
from accounts.people import dormancy, imports, signup


@shared_task  # type: ignore[untyped-decorator]
def clear_expired_sessions() -> None:
    """Delete sessions that have run out, what is left of those of long ago, and counts of failures without force."""
    call_command("clearsessions")
    sessions.forget_old()
    backoff.forget_old()


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
    """Delete links that ran out a month ago, with their addresses."""
    links.forget_old()


@shared_task(  # type: ignore[untyped-decorator]
    autoretry_for=(OSError,), max_retries=10, retry_backoff=15, retry_backoff_max=1800, retry_jitter=True
)
def send_mail(to: str, subject: str, body: str, template: str) -> None:
    """Send a mail; a server that is away is asked again for an hour or so."""
    delivery.send(to, subject, body, template)


@shared_task  # type: ignore[untyped-decorator]
def mail_reset(email: str, site: str) -> None:
    """Mail a link to reset the password, where the address is somebody's."""
    resets.send(email, site)


@shared_task  # type: ignore[untyped-decorator]
def mail_signup(email: str, site: str) -> None:
    """Mail a link to sign up, or that there is an account already."""
    signup.send(email, site)


@shared_task  # type: ignore[untyped-decorator]
def suspend_dormant() -> None:
    """Suspend people who have not been here for as long as the settings say."""
    dormancy.suspend_dormant()
