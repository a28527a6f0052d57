"""What Celery does for the whole."""

from celery import shared_task
from django.core.cache import cache

#: The name of a worker's sign of life in the cache, and how long it lasts: readiness looks for it.
SIGN, LIFE_S = "worker", 45


@shared_task  # type: ignore[untyped-decorator]
def give_sign() -> None:
    """Show that tasks are carried out."""
    cache.set(SIGN, 1, LIFE_S)
