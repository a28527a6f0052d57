"""Codes that change every half minute (RFC 6238: SHA-1, six digits, 30 seconds), as every authenticator app knows."""

import base64
import secrets
import time
from urllib.parse import quote, urlencode

from django.utils.crypto import constant_time_compare
from django_otp.oath import hotp

STEP_S = 30
DIGITS = 6
#: A clock may be wrong by so many steps, to either side.
DRIFT = 1
SECRET_BYTES = 20


def new_secret() -> bytes:
    """Make a secret of 160 bits, as RFC 4226 advises."""
    return secrets.token_bytes(SECRET_BYTES)


def matching_step(secret: bytes, code: str, *, after: int, now: float | None = None) -> int | None:
    """Find the step whose code this is, around now (seconds since 1970), later than the last one that was used."""
    current = int(time.time() if now is None else now) // STEP_S
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if constant_time_compare(f"{hotp(secret, step, DIGITS):0{DIGITS}d}", code) and step > after:
            found = step
    return found


def code_at(secret: bytes, now: float) -> str:
    """Give the code that an app shows at an instant (seconds since 1970)."""
    return f"{hotp(secret, int(now) // STEP_S, DIGITS):0{DIGITS}d}"


def address(secret: bytes, account: str, issuer: str) -> str:
    """Write the `otpauth:` address that an app reads from the QR code (Google's Key URI Format)."""
    label = quote(f"{issuer}:{account}", safe="")
    fields = {"secret": text(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{label}?{urlencode(fields, quote_via=quote)}"


def text(secret: bytes) -> str:
    """Write a secret as one types it in."""
    return base64.b32encode(secret).decode().rstrip("=")
