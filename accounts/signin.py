"""Signing in with username or e-mail, and out."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User


class UsernameOrEmailBackend(ModelBackend):
    """Checks a password for a username or a verified e-mail address, in any case."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Find who signs in; the answer takes the same time for somebody unknown."""
        if not username or not password:
            return None
        by_name = User.objects.filter(username__iexact=username)
        by_mail = User.objects.filter(email__iexact=username, email_verified_at__isnull=False)
        found = by_name.first() or (by_mail.first() if by_mail.count() == 1 else None)
        if found is None:
            User().set_password(password)  # the same work as below
            return None
        return found if found.check_password(password) and self.user_can_authenticate(found) else None
