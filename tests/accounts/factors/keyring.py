"""Setting up a passkey and signing in with it, as the pages do."""

from typing import Any

from django.test import Client

from accounts.models import User
from tests.accounts.factors.doors import browser
from tests.accounts.factors.softkey import SoftKey

HOST = "chat.example.org"


def visitor() -> Client:
    return Client(headers={"Host": HOST})


def signed_in(user: User) -> Client:
    return browser(user, Host=HOST)


def options(client: Client, purpose: str) -> dict[str, Any]:
    answer = client.post("/passkeys/options/", {"purpose": purpose}, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.content
    asked: dict[str, Any] = answer.json()["options"]
    return asked


def give_passkey(user: User) -> SoftKey:
    """Set up a passkey, as the page does."""
    client, key = signed_in(user), SoftKey()
    answer = client.post("/settings/factors/passkey/", {"passkey": key.make(options(client, "add")), "name": "Key"})
    assert answer.status_code == 200, answer.content
    return key


def sign_in(client: Client, answer: str, **fields: str):
    return client.post("/signin/passkey/", {"passkey": answer, **fields})
