"""What is said."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """The log, the hub, and what reads them."""

    name = "messaging"
