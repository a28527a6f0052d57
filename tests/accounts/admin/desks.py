"""Who sits at the administration in tests: people of each role, at a browser that has just stepped up."""

import secrets
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.actor import STEPPED_UP_AT
from accounts.models import Grant, User
from tests.worlds import person

#: Everybody who might ask for a page.
EVERYBODY = ("owner", "administrator", "moderator", "officer", "auditor", "member", "guest")


def holder(role: str, **fields: Any) -> User:
    """Make somebody who has held a role for a week; member and guest are no roles."""
    user = person(role, is_guest=role == "guest", **fields)
    if role not in ("member", "guest"):
        week_ago = timezone.now() - timedelta(days=7)
        Grant.objects.create(user=user, role=role, granted_at=week_ago, effective_at=week_ago)
    return user


def desk(user: User, *, is_stepped_up: bool = True) -> Client:
    """Seat somebody at a browser, signed in."""
    client = Client(headers={"user-agent": f"test {secrets.token_hex(4)}"})
    client.force_login(user)
    if is_stepped_up:
        session = client.session
        session[STEPPED_UP_AT] = timezone.now().isoformat()
        session.save()
    return client
