"""People, and how they show who they are."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, tokens, sessions and their revocation."""

    name = "accounts"
