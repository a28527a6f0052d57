"""What Celery does for the trail."""

import logging
from datetime import timedelta

from celery import shared_task
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from audit import personal, trail, verification

logger = logging.getLogger(__name__)


@shared_task  # type: ignore[untyped-decorator]
def expire_origins() -> None:
    """Erase where deeds came from, 90 days later."""
    try:
        personal.expire_origins(timezone.now() - timedelta(days=personal.ORIGINS_DAYS))
    except ImproperlyConfigured as error:
        logger.warning("Where deeds came from is kept for longer than 90 days: %s", error)


@shared_task(time_limit=6 * 3600)  # type: ignore[untyped-decorator]
def verify_trail() -> None:
    """Verify the trail and keep what was found."""
    report = verification.run()
    verification.keep(report, trail.command_line("verify-trail"))
    if not report.is_ok:
        logger.error("The audit trail is not whole:\n%s", "\n".join(report.lines()))
