"""Retention, holds, export and proof."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """The layer that reads the record and, by its own role alone, takes content away."""

    name = "compliance"
