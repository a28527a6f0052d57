"""Taking a code that somebody types: of an authenticator app, or a recovery code."""

import math
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.factors import recovery, totp
from accounts.models import AuthenticatorApp, RecoveryCodes, User
from accounts.refusal import Refusal

Device = AuthenticatorApp | RecoveryCodes


class Wrong(Refusal):
    """A code that was tried, and is not right."""


def plain(code: str) -> str:
    """Leave out what people put between digits."""
    return "".join(code.split()).replace("-", "")


def take(user: User, given: str, *, with_recovery: bool) -> Device:
    """Take a code, once, and give the factor that it belongs to.

    Raises Wrong for a code that is none now, and Refusal where one has to wait after wrong ones.
    """
    code = plain(given)
    is_app = len(code) == totp.DIGITS and code.isascii() and code.isdigit()
    if not is_app and not (with_recovery and recovery.is_well_formed(code)):
        raise Refusal("malformed", _shape(with_recovery), field="code")
    with transaction.atomic():
        found = _take_of_app(user, code) if is_app else _take_recovery(user, code)
    if found is None:
        raise Wrong("malformed", _wrong(is_app), field="code")
    return found


def check_wait(devices: Sequence[Device]) -> None:
    """Raise Refusal where every one of these has to wait after wrong codes."""
    waits = [device.verify_is_allowed() for device in devices]
    if not waits or any(allowed for allowed, _why in waits):
        return
    until = min(why["locked_until"] for _allowed, why in waits if why)
    seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
    sentence = ngettext(
        "Too many wrong codes. Wait %s second, then try again.",
        "Too many wrong codes. Wait %s seconds, then try again.",
        seconds,
    )
    raise Refusal("rate_limited", sentence % seconds, field="code")


def _take_of_app(user: User, code: str) -> Device | None:
    devices = list(AuthenticatorApp.objects.select_for_update().filter(user=user, confirmed=True).order_by("pk"))
    check_wait(devices)
    for nth, device in enumerate(devices):
        if device.verify_token(code):
            _forgive(devices[:nth])
            return device
    return None


def _forgive(devices: Iterable[AuthenticatorApp]) -> None:
    """Undo what a code of another app counted against these."""
    for device in devices:
        device.throttle_reset()


def _take_recovery(user: User, code: str) -> Device | None:
    device = RecoveryCodes.objects.select_for_update().filter(user=user).first()
    if device is None:
        return None
    check_wait([device])
    return device if device.verify_token(recovery.canonical(code)) else None


def _shape(with_recovery: bool) -> str:
    if with_recovery:
        return str(_("Type the six digits that your app shows, or one of your recovery codes."))
    return str(_("Type the six digits that your app shows."))


def _wrong(is_app: bool) -> str:
    if is_app:
        return str(_("That is not the code of now, or it was used already. Wait for the next one and type that."))
    return str(_("That is none of your recovery codes, or it was used already. Each one counts once."))
