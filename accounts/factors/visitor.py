"""The challenge of a visitor, who signs in with a passkey and nothing else: nobody yet, so no session is stored for it.

It lies in the visitor's own browser, in a signed cookie that no script reads and no other site sends. That it counts
once is remembered by the passkey that answers it (`Passkey.spend`), in the transaction that takes the answer, whether
Redis is there or not. A wrong answer takes it out of the browser; whoever keeps it may try again, which helps nobody
without the passkey.
"""

import base64
import secrets
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import clock, counts
from accounts.access import addresses, backoff
from accounts.factors.challenge import LASTS_S
from accounts.refusal import Refusal

_SALT = "accounts.factors.visitor"
PERIOD_S = 60
#: An office is one address: so many can open the sign-in page within a minute.
FROM_AN_ADDRESS = 300


def make(request: HttpRequest) -> bytes:
    """Make a challenge. Raises Refusal beyond 300 a minute from an address (an IPv6 subscriber's /64 is one)."""
    if settings.IS_RATE_LIMITED:
        here = backoff.counted(addresses.of_request(request))
        if (counts.add("passkey:from", here, PERIOD_S) or 0) > FROM_AN_ADDRESS:
            detail = _("Passkeys were asked for too often from where you are: wait a minute, or use your password.")
            raise Refusal("rate_limited", detail)
    return secrets.token_bytes(32)


def give(response: HttpResponse, made: bytes) -> None:
    """Put a challenge into the browser, in place of its last one."""
    response.set_signed_cookie(
        settings.PASSKEY_COOKIE_NAME,
        f"{time.time():.0f}.{base64.urlsafe_b64encode(made).decode()}",
        salt=_SALT,
        max_age=LASTS_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def given(request: HttpRequest) -> bytes | None:
    """Give the browser's challenge; None where it has none, or one that is too old or not ours."""
    text = request.get_signed_cookie(settings.PASSKEY_COOKIE_NAME, default="", salt=_SALT, max_age=LASTS_S)
    made_at, _dot, made = (text or "").partition(".")
    try:
        is_of_the_future = float(made_at) > time.time() + clock.SKEW_S  # Django looks whether it is too old alone
        return None if is_of_the_future else base64.urlsafe_b64decode(made) or None
    except ValueError:
        return None


def forget(response: HttpResponse) -> None:
    """Take the challenge out of the browser, whatever became of it."""
    response.delete_cookie(settings.PASSKEY_COOKIE_NAME, samesite="Strict")
