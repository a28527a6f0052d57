"""Passkeys (WebAuthn level 3): making one, and showing one."""

import secrets
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from accounts import actor as actors
from accounts import workspace
from accounts.factors import challenge, owned, relying_party, stepup, visitor
from accounts.factors.challenge import Purpose
from accounts.factors.relying_party import RelyingParty
from accounts.models import Passkey, User
from accounts.refusal import Refusal

#: Longest answer of an authenticator that is read, in characters.
ANSWER_LENGTH = 32_768
_HANDLE_BYTES = 64


class NotShown(Refusal):
    """A passkey that was not shown as it has to be; `outcome` is a word for the trail."""

    def __init__(self, outcome: str, user: User | None = None) -> None:
        sentence = _("That passkey was not accepted. Try again, or use another way.")
        if outcome == "counter":
            sentence = _("That passkey was not accepted: it seems to have been copied. Remove it, and tell your admin.")
        super().__init__("malformed", sentence, field="passkey")
        self.outcome = outcome
        self.user = user


def creation_options(request: HttpRequest, user: User) -> dict[str, Any]:
    """Write what a browser needs to make a passkey (PublicKeyCredentialCreationOptionsJSON). Raises Refusal."""
    stepup.require(actors.of_request(request))
    party = _party(request)
    mine = list(Passkey.objects.filter(user=user))
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=workspace.display_name(),
        user_name=user.username,
        user_display_name=user.name or user.username,
        user_id=bytes(mine[0].user_handle) if mine else secrets.token_bytes(_HANDLE_BYTES),
        challenge=challenge.make(request.session, "add"),
        timeout=challenge.LASTS_S * 1000,
        exclude_credentials=_descriptors(mine),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    written = options_to_json_dict(options)
    request.session["passkey_handle"] = written["user"]["id"]
    return written


def add(request: HttpRequest, user: User, answer: str, name: str) -> Passkey:
    """Keep a passkey that a browser has just made. Raises Refusal."""
    actor = actors.of_request(request)
    stepup.require(actor)
    name = owned.clean_name(name, str(_("Passkey")))
    party, expected = _party(request), challenge.use(request.session, "add")
    handle = request.session.pop("passkey_handle", None)
    made = _verify_made(answer, expected, party)
    if made is None or handle is None:
        raise Refusal("malformed", _("The passkey was not made. Try again."), field="passkey")
    with transaction.atomic():
        owned.check_room(user)
        if Passkey.objects.filter(credential_id=made.credential_id).exists():
            raise Refusal("malformed", _("This passkey is set up already."), field="passkey")
        passkey = Passkey.objects.create(
            user=user,
            name=name,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            user_handle=base64url_to_bytes(handle),
            transports=_transports(answer),
            relying_party=party.id,
            is_backed_up=made.credential_backed_up,
        )
        owned.record_added(actor, passkey)
    return passkey


def request_options(request: HttpRequest, purpose: Purpose, user: User) -> dict[str, Any]:
    """Write what a browser needs to show a passkey of somebody. Raises Refusal."""
    party = _party(request)
    mine = list(Passkey.objects.filter(user=user, relying_party=party.id))
    if not mine:
        raise Refusal("not_found", _("You have no passkey for this address."), field="passkey")
    return _to_show(party, challenge.make(request.session, purpose), mine)


def visitor_options(request: HttpRequest) -> tuple[dict[str, Any], bytes]:
    """Write the same for a visitor, who may show any of this host's; and give the challenge. Raises Refusal."""
    party, made = _party(request), visitor.make(request)
    return _to_show(party, made, []), made


def _to_show(party: RelyingParty, made: bytes, passkeys: list[Passkey]) -> dict[str, Any]:
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=made,
        timeout=challenge.LASTS_S * 1000,
        allow_credentials=_descriptors(passkeys),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def take(request: HttpRequest, purpose: Purpose, answer: str, user: User) -> Passkey:
    """Take a passkey that this person has shown. Raises NotShown, or Refusal for an address."""
    party = _party(request)
    return _take(party, challenge.use(request.session, purpose), answer, user)


def take_from_visitor(request: HttpRequest, answer: str) -> Passkey:
    """Take a passkey of anybody, which says who the visitor is. Raises NotShown, or Refusal for an address."""
    return _take(_party(request), visitor.given(request), answer, None)


def _take(party: RelyingParty, expected: bytes | None, answer: str, user: User | None) -> Passkey:
    shown = _read(answer)
    if shown is None or expected is None:
        raise NotShown("malformed" if expected else "stale", user)
    with transaction.atomic():
        passkey = (
            Passkey.objects.select_for_update(of=("self",)).select_related("user").filter(credential_id=shown.raw_id)
        ).first()
        if passkey is None or not passkey.user.can_come_in or (user is not None and passkey.user_id != user.pk):
            raise NotShown("unknown", user)
        verified = _verify_shown(passkey, shown, expected, party)
        if verified is None or not _is_of(passkey, shown):
            raise NotShown("signature", passkey.user)
        if not passkey.spend(expected):
            raise NotShown("stale", passkey.user)
        count = verified.new_sign_count
        if (count or passkey.sign_count) and count <= passkey.sign_count:
            raise NotShown("counter", passkey.user)
        passkey.sign_count, passkey.is_backed_up = count, verified.credential_backed_up
        passkey.set_last_used_timestamp(commit=False)
        passkey.save(update_fields=["sign_count", "is_backed_up", "last_used_at", "spent"])
    return passkey


def _party(request: HttpRequest) -> RelyingParty:
    found = relying_party.of_request(request)
    if found is None:
        detail = _("Passkeys need a name: open this site by its name, not by its address in numbers.")
        raise Refusal("malformed", detail, field="passkey")
    return found


def _read(answer: str) -> AuthenticationCredential | None:
    try:
        return parse_authentication_credential_json(answer) if len(answer) <= ANSWER_LENGTH else None
    except Exception:  # what a stranger sends makes the library raise errors of many kinds
        return None


def _verify_made(answer: str, expected: bytes | None, party: RelyingParty) -> VerifiedRegistration | None:
    if expected is None or len(answer) > ANSWER_LENGTH:
        return None
    try:
        return verify_registration_response(
            credential=answer,
            expected_challenge=expected,
            expected_rp_id=party.id,
            expected_origin=party.origins,
            require_user_verification=True,
        )
    except Exception:  # as above
        return None


def _transports(answer: str) -> list[str]:
    """Read by which ways the authenticator of a verified answer is reached."""
    return [way.value for way in parse_registration_credential_json(answer).response.transports or []]


def _verify_shown(
    passkey: Passkey, shown: AuthenticationCredential, expected: bytes, party: RelyingParty
) -> VerifiedAuthentication | None:
    """Verify the signature and all that it covers; the counter is looked at afterwards, when it is known to be real."""
    try:
        return verify_authentication_response(
            credential=shown,
            expected_challenge=expected,
            expected_rp_id=party.id,
            expected_origin=party.origins,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # as above
        return None


def _is_of(passkey: Passkey, shown: AuthenticationCredential) -> bool:
    """Tell whether the authenticator says the same person as we do, where it says one."""
    handle = shown.response.user_handle
    return handle is None or constant_time_compare(handle, bytes(passkey.user_handle))


def _descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=bytes(passkey.credential_id), transports=[AuthenticatorTransport(name) for name in passkey.transports]
        )
        for passkey in passkeys
    ]
