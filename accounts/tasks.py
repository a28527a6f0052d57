"""What Celery does for accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task  # type: ignore[untyped-decorator]
def clear_expired_sessions() -> None:
    """Delete sessions that have run out."""
    call_command("clearsessions")
