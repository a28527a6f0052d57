"""Bearer tokens: `parley_` and 43 characters, stored hashed."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import Token, User
from accounts.verbs import SCOPES

PREFIX = "parley_"

#: One row (id, username, name, token id) where a token's digest is good now.
IDENTIFY = """
select u.id, u.username, u.name, t.id from token t join "user" u on u.id = t.user_id
where t.digest = %s and t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) and u.is_active
"""


def digest(token: str) -> bytes:
    """Hash a token for storage and look-up. A fast hash will do: tokens have 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def issue(
    user: User, *, name: str = "", scopes: Iterable[str] = tuple(SCOPES), lifetime: timedelta | None = None
) -> str:
    """Make a token for a person and return it: the only time that it can be seen."""
    token = PREFIX + secrets.token_urlsafe(32)
    expires_at = timezone.now() + lifetime if lifetime else None
    Token.objects.create(user=user, name=name, scopes=sorted(scopes), digest=digest(token), expires_at=expires_at)
    return token


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
        found = Token.objects.select_related("user").filter(digest=digest(token), revoked_at=None).first()
        if found is None or not found.user.is_active or (found.expires_at and found.expires_at <= timezone.now()):
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        """Say how to authenticate, so that a refusal is 401."""
        return "Bearer"
