"""Which factors somebody has; putting them on the trail, and taking one away."""

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device

from accounts.actor import Actor
from accounts.factors import demand, stepup, told
from accounts.models import AuthenticatorApp, Passkey, RecoveryCodes, User
from accounts.refusal import Refusal
from audit import trail

#: So many apps and passkeys together are enough for anybody.
MOST = 10
NAME_LENGTH = 64

#: What the trail and the pages call each kind.
KINDS: dict[str, type[AuthenticatorApp] | type[Passkey]] = {"app": AuthenticatorApp, "passkey": Passkey}
_KIND_OF = {AuthenticatorApp: "app", Passkey: "passkey", RecoveryCodes: "recovery"}


class Owned(NamedTuple):
    """Somebody's confirmed factors. Recovery codes are none: they stand in for one that is not at hand."""

    apps: list[AuthenticatorApp]
    passkeys: list[Passkey]
    codes_left: int

    @property
    def total(self) -> int:
        """Count apps and passkeys."""
        return len(self.apps) + len(self.passkeys)

    def find(self, of_kind: str, pk: int) -> AuthenticatorApp | Passkey | None:
        """Find one of them."""
        mine: dict[tuple[str, int], AuthenticatorApp | Passkey] = {("app", app.pk): app for app in self.apps}
        mine |= {("passkey", passkey.pk): passkey for passkey in self.passkeys}
        return mine.get((of_kind, pk))


def of(user: User) -> Owned:
    """List what somebody has."""
    codes = RecoveryCodes.objects.filter(user=user).first()
    return Owned(
        list(AuthenticatorApp.objects.filter(user=user, confirmed=True).order_by("pk")),
        list(Passkey.objects.filter(user=user, confirmed=True).order_by("pk")),
        len(codes.digests) if codes else 0,
    )


def has_any(user: User) -> bool:
    """Tell whether somebody has a factor that is asked for at sign-in."""
    return any(model.objects.filter(user=user, confirmed=True).exists() for model in KINDS.values())


def kind(device: Device) -> str:
    """Say of which kind a factor is."""
    return _KIND_OF[type(device)]


def check_room(user: User) -> None:
    """Raise Refusal where somebody has as many factors as one may. Locks the person until the transaction ends."""
    User.objects.select_for_update().get(pk=user.pk)
    if of(user).total >= MOST:
        raise Refusal("forbidden", _("You have %s factors already: remove one that you no longer use.") % MOST)


def clean_name(given: str, otherwise: str) -> str:
    """Tidy the name that somebody gives to a factor. Raises Refusal where it is too long."""
    name = " ".join(given.split())
    if len(name) > NAME_LENGTH or "\x00" in name:
        raise Refusal("malformed", _("Write at most %s characters.") % NAME_LENGTH, field="name")
    return name or otherwise


def record_added(actor: Actor, device: Device) -> None:
    """Put a new factor on the trail, and tell the person."""
    after = {"factor": kind(device), "name": device.name}
    trail.record(actor=actor.id, verb="factor.add", target=f"user:{device.user_id}", after=after, origin=actor.origin)
    told.tell(actor, device.user, "add", factor=device.name)


def remove(actor: Actor, user: User, of_kind: str, pk: int) -> str:
    """Take away one of somebody's own factors, and give its name.

    With the last one its recovery codes go too. Raises Refusal where there is none, where the person must have one, or
    where the person has not stepped up.
    """
    stepup.require(actor)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        device = KINDS[of_kind].objects.filter(user=user, pk=pk, confirmed=True).first() if of_kind in KINDS else None
        if device is None:
            raise Refusal("not_found", _("This factor is not there any more."))
        is_last = of(user).total == 1
        if is_last and demand.is_asked_of(user):
            raise Refusal("forbidden", _("Your role asks for a second factor: add another one before removing this."))
        _record_removed(actor, device)
        told.tell(actor, device.user, "remove", factor=device.name)
        device.delete()
        if is_last:
            RecoveryCodes.objects.filter(user=user).delete()
    return str(device.name)


def remove_all(actor: Actor, user: User) -> int:
    """Take away every factor of somebody, confirmed or not, with the recovery codes; count those that counted."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        found = of(user)
        for app in found.apps:
            _record_removed(actor, app)
        for passkey in found.passkeys:
            _record_removed(actor, passkey)
        for model in (AuthenticatorApp, Passkey, RecoveryCodes):
            model.objects.filter(user=user).delete()
    return found.total


def _record_removed(actor: Actor, device: AuthenticatorApp | Passkey) -> None:
    before = {"factor": kind(device), "name": device.name}
    trail.record(
        actor=actor.id, verb="factor.remove", target=f"user:{device.user_id}", before=before, origin=actor.origin
    )
