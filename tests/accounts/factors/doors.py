"""People with factors, and the ways by which they show them."""

import time
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client

from accounts.factors import authenticator, recovery, stepup, totp
from accounts.models import AuthenticatorApp, User
from tests.worlds import PASSWORD, acting, person

APP_SECRET = b"12345678901234567890"


def member(name: str, **fields: Any) -> User:
    """Make a person who signs in with PASSWORD, and of whom a factor may be asked."""
    made = person(name, **{"is_factor_exempt": False} | fields)
    User.objects.filter(pk=made.pk).update(password=_hashed())
    made.refresh_from_db()
    return made


@cache
def _hashed() -> str:
    """Hash the password once: it is meant to take its time."""
    return make_password(PASSWORD)


def give_app(user: User, secret: bytes = APP_SECRET, name: str = "Phone") -> AuthenticatorApp:
    """Set up an authenticator app, as the pages do."""
    device = authenticator.begin(acting(user), user)
    with transaction.atomic():
        device.keep(secret)
        device.save()
    confirmed = authenticator.confirm(acting(user), user, totp.code_at(secret, time.time()), name)
    AuthenticatorApp.objects.filter(pk=confirmed.pk).update(last_step=0)  # so that the test may use this minute's code
    confirmed.refresh_from_db()
    return confirmed


def give_codes(user: User) -> list[str]:
    """Make somebody's recovery codes."""
    return recovery.renew(acting(user), user)


def code(secret: bytes = APP_SECRET, steps: int = 0) -> str:
    """Give the code of now, or of so many steps from now."""
    return totp.code_at(secret, time.time() + steps * totp.STEP_S)


def wrong_code(secret: bytes = APP_SECRET) -> str:
    """Give a code that is none of these minutes."""
    near = {code(secret, steps) for steps in range(-3, 4)}
    return next(f"{number:06d}" for number in range(10) if f"{number:06d}" not in near)


def password(client: Client, user: User, **fields: str):
    """Take the first step of signing in."""
    return client.post("/signin/", {"username": user.username, "password": PASSWORD, **fields})


def browser(user: User, **headers: str) -> Client:
    """Give the browser of somebody who has just signed in, and has shown who it is."""
    client = Client(headers=headers)
    client.force_login(user)
    session = client.session
    stepup.mark(session)
    session.save()
    return client


def is_in(client: Client) -> bool:
    """Tell whether this browser is signed in."""
    return client.get("/api/v1/me").status_code == 200


def is_verified(client: Client) -> bool:
    """Tell whether this browser's session has shown a factor."""
    user: Any = client.get("/settings/factors/").wsgi_request.user
    return bool(user.is_verified())


def with_key(key: str | None) -> Client:
    """Give a browser that has this session's key."""
    client = Client()
    client.cookies["sessionid"] = str(key)
    return client
