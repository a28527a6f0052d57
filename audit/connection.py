"""The connection of the processes that look after the trail: the `audit` role's, where it has a DSN."""

from django.conf import settings


def alias() -> str:
    """Name it among `DATABASES`. Without a role of its own (one's own PostgreSQL may have none) it is the app's."""
    return "audit" if "audit" in settings.DATABASES else "default"
