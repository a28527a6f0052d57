"""What Celery does for accounts."""

from celery import shared_task
from django.core.management import call_command

from accounts import actor, recertification, sessions


@shared_task  # type: ignore[untyped-decorator]
def clear_expired_sessions() -> None:
    """Delete sessions that have run out, and what is left of those of long ago."""
    call_command("clearsessions")
    sessions.forget_old()


@shared_task  # type: ignore[untyped-decorator]
def open_recertification() -> None:
    """Open the quarter's recertification, once a quarter whenever this runs."""
    recertification.open_quarter(actor.system("recertification"))
