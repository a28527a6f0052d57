"""The wiring, and the commands that run Parley."""

from django.apps import AppConfig


class ChatprojectConfig(AppConfig):
    """Installed for its commands (`up`, `migrate`, `demo`)."""

    name = "chatproject"
