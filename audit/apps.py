"""The trail of deeds."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The lowest layer: it knows nobody above it."""

    name = "audit"
