"""Setting up an authenticator app: a secret is shown, and counts once a code proves that the app has it."""

import logging
from typing import NamedTuple

import segno
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import sealing, workspace
from accounts.actor import Actor
from accounts.factors import codes, owned, stepup, totp
from accounts.models import AuthenticatorApp, User
from accounts.refusal import Refusal

log = logging.getLogger(__name__)


def begin(actor: Actor, user: User) -> AuthenticatorApp:
    """Make a secret that does not count yet, in place of one that was never confirmed. Raises Refusal."""
    stepup.require(actor)
    with transaction.atomic():
        owned.check_room(user)
        AuthenticatorApp.objects.filter(user=user, confirmed=False).delete()
        device = AuthenticatorApp(user=user, name="", confirmed=False)
        device.keep(totp.new_secret())
        device.save()
    return device


def begun(user: User) -> AuthenticatorApp | None:
    """Find the one that waits to be confirmed."""
    return AuthenticatorApp.objects.filter(user=user, confirmed=False).first()


def confirm(actor: Actor, user: User, code: str, name: str) -> AuthenticatorApp:
    """Let an app count from now on, as it shows the right code. Raises Refusal."""
    stepup.require(actor)
    name = owned.clean_name(name, str(_("Authenticator app")))
    with transaction.atomic():
        owned.check_room(user)
        device = AuthenticatorApp.objects.select_for_update().filter(user=user, confirmed=False).first()
        if device is None:
            raise Refusal("not_found", _("There is no app to confirm: begin anew."))
        codes.check_wait([device])
        is_right = device.verify_token(codes.plain(code))
        if is_right:
            device.name, device.confirmed, device.created_at = name, True, timezone.now()
            device.save(update_fields=["name", "confirmed", "created_at"])
            owned.record_added(actor, device)
    if not is_right:
        raise Refusal(
            "malformed",
            _("That is not the code of now. Check the clock of your device, and type the code that it shows."),
            field="code",
        )
    return device


def address(device: AuthenticatorApp) -> str:
    """Write the address that the QR code holds."""
    return totp.address(device.secret, device.user.username, workspace.display_name())


class Drawing(NamedTuple):
    """A QR code as an SVG's path: so many modules wide and high, its quiet zone included."""

    size: int
    path: str


def qr(device: AuthenticatorApp) -> Drawing:
    """Draw the address for a camera (ISO/IEC 18004)."""
    code = segno.make(address(device), error="m", micro=False)
    rows = list(code.matrix_iter(border=4))
    return Drawing(
        len(rows),
        "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark),
    )


def reseal() -> int:
    """Seal every secret under the key in force, and count them. Needs a transaction; who shows a code waits for it.

    One that can't be opened is left alone, and the log names it: it opens nothing, and must not keep an old key alive.
    """
    count = 0
    for device in AuthenticatorApp.objects.select_for_update().order_by("pk"):
        try:
            device.keep(device.secret)
        except sealing.Unopenable as error:
            log.error("factor_app %s can't be sealed anew: %s", device.pk, error)
            continue
        device.save(update_fields=["key_id", "sealed"])
        count += 1
    return count
