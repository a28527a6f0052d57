"""Bearer tokens: `parley_`, 43 random characters and a checksum of 6; shown once, stored hashed."""

import secrets
import zlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import clock, hashing, revocations, rights
from accounts.access import activity
from accounts.actor import Actor
from accounts.authority.verbs import SCOPES
from accounts.models import Token, User
from accounts.refusal import Refusal
from audit import trail

PREFIX = "parley_"
DEFAULT_DAYS, LONGEST_DAYS = 90, 365
NAME_LENGTH = 64
#: Tokens in force that one person may have.
MOST = 50
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM_LENGTH = 6

#: The person and the token where a token's digest (the parameter) is good now; its use is noted once a minute.
FIND = f"""
with found as (
    select t.id as token_id, t.scopes, t.user_id from token t join "user" u on u.id = t.user_id
    where t.digest = %s and t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) and u.is_active
), used as (
    update token set last_used_at = now() where id in (
        select id from token where id in (select token_id from found)
        and (last_used_at is null or last_used_at < now() - interval '{activity.WRITTEN_EVERY_S} s')
        for no key update skip locked)
    returning user_id
), {activity.MARK_USED}
select u.*, found.token_id, found.scopes as token_scopes from found join "user" u on u.id = found.user_id
"""
#: For a socket: id, username, name, token's id, scopes, and as of which revocation.
IDENTIFY = FIND.replace(
    "u.*, found.token_id, found.scopes as token_scopes",
    f"u.id, u.username, u.name, found.token_id, found.scopes, {revocations.AS_OF}",
)


def checksum(text: str) -> str:
    """Give the CRC-32 of a text in six digits of base 62, by which a scanner tells a token from a look-alike."""
    number, digits = zlib.crc32(text.encode()), ""
    for _nth in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits


def issue(
    actor: Actor,
    user: User,
    *,
    name: str = "",
    scopes: Iterable[str] = tuple(SCOPES),
    lifetime: timedelta | None = timedelta(days=DEFAULT_DAYS),
) -> str:
    """Make a token for oneself, for a bot, or (the operator) for anybody, and give it: it can't be seen again.

    Raises Refusal with the field that is wrong, or where one may not.
    """
    chosen = sorted(set(scopes))
    name = name.strip()
    _check_maker(actor, user)
    if not actor.is_operator:
        _check_fields(user, name, chosen, lifetime)
    random = PREFIX + secrets.token_urlsafe(32)
    token = random + checksum(random)
    expires_at = clock.of_database() + lifetime if lifetime else None
    with transaction.atomic():
        if not User.objects.select_for_update(no_key=True).get(pk=user.pk).is_active:
            raise Refusal("forbidden", _("This account is not active, so a token would open nothing."))
        if not actor.is_operator and in_force(user).count() >= MOST:
            raise Refusal("forbidden", _("There are %s tokens in force, and no more can be: revoke one first.") % MOST)
        made = Token.objects.create(
            user=user, name=name, scopes=chosen, digest=hashing.digest(token), expires_at=expires_at
        )
        after = {"token": made.pk, "name": name, "scopes": chosen, "expires_at": expires_at and expires_at.isoformat()}
        trail.record(actor=actor.id, verb="token.issue", target=f"user:{user.pk}", after=after, origin=actor.origin)
    return token


def _check_maker(actor: Actor, user: User) -> None:
    if actor.is_operator:
        return
    if user.kind == User.Kind.BOT:
        rights.require(actor, "bot.manage")
        if user.invited_by_id != actor.id:  # else one would read by it where colleagues have let in another's program
            raise Refusal(
                "forbidden",
                _("Only whoever made this bot makes its tokens. Make a bot of your own instead."),
            )
    elif actor.user is not None and actor.user.pk == user.pk:
        rights.require(actor, "token.create")
    else:
        raise Refusal("forbidden", _("People make their own tokens; nobody makes one for somebody else."))


def _check_fields(user: User, name: str, scopes: list[str], lifetime: timedelta | None) -> None:
    if not name or len(name) > NAME_LENGTH or "\x00" in name:
        detail = _("Name it after the program that will use it, in at most %s characters.") % NAME_LENGTH
        raise Refusal("malformed", detail, field="name")
    if not scopes or not SCOPES.keys() >= set(scopes):
        raise Refusal("malformed", _("Choose at least one thing that the token may do."), field="scopes")
    if lifetime is None and user.kind == User.Kind.BOT:
        return
    if lifetime is None or not timedelta() < lifetime <= timedelta(days=LONGEST_DAYS):
        raise Refusal("malformed", _("Write a number of days from 1 to %s.") % LONGEST_DAYS, field="days")


def revoke(actor: Actor, token: Token) -> None:
    """Revoke a token of one's own, or with `token.revoke` anybody's, and cut what runs under it."""
    is_own = actor.user is not None and actor.user.pk == token.user_id
    if not is_own:
        rights.require(actor, "token.revoke")
    with transaction.atomic():
        if not Token.objects.select_for_update().filter(pk=token.pk, revoked_at=None).exists():
            raise Refusal("malformed", _("This token has been revoked already."))
        _revoke(actor, token)


def revoke_all(actor: Actor, user: User) -> None:
    """Revoke every token of somebody who goes; the right to it is the caller's to have checked."""
    with transaction.atomic():
        for token in Token.objects.select_for_update().filter(user=user, revoked_at=None).order_by("pk"):
            _revoke(actor, token)


def _revoke(actor: Actor, token: Token) -> None:
    revocations.revoke_token(token)
    before = {"token": token.pk, "name": token.name, "scopes": token.scopes}
    trail.record(
        actor=actor.id, verb="token.revoke", target=f"user:{token.user_id}", before=before, origin=actor.origin
    )


def in_force(user: User) -> models.QuerySet[Token]:
    """List somebody's tokens that open something now, the newest first."""
    now = timezone.now()
    good = models.Q(expires_at=None) | models.Q(expires_at__gt=now)
    return Token.objects.filter(good, user=user, revoked_at=None).order_by("-created_at", "-pk")


def bearer(header: str) -> str | None:
    """Take the token out of an `Authorization` header; None where it is of another scheme."""
    scheme, _space, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN` for Django REST framework."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Find whose token it is; None where the request bears none."""
        token = bearer(get_authorization_header(request).decode("latin-1"))
        if token is None:
            return None
        for user in User.objects.raw(FIND, [hashing.digest(token)]):
            found = cast("Any", user)
            return user, Token(pk=found.token_id, user=user, scopes=found.token_scopes)
        raise AuthenticationFailed(_("This token is unknown, expired or revoked."))

    def authenticate_header(self, request: Request) -> str:
        """Say how to authenticate, so that a refusal is 401."""
        return "Bearer"
