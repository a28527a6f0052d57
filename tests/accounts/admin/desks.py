"""Who sits at the administration in tests: people of each role, at a browser that has just stepped up."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts import clock
from accounts.actor import STEPPED_UP_AT
from accounts.models import DeviceSession, Grant, PersonLink, Token, User
from audit import trail
from audit.trail import Draft
from tests.worlds import direct, person

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
        session[STEPPED_UP_AT] = clock.mark()
        session.save()
    return client


def crowd(user: User, count: int = 30) -> dict[str, int]:
    """Give somebody more of everything than a person's page shows, and tell how many of each there are."""
    others = [person("crowd") for _ in range(count)]
    Grant.objects.bulk_create(Grant(user=user, role="moderator", granted_by=other, ended_at=Now()) for other in others)
    pairs = [sorted((user, other), key=lambda one: one.pk) for other in others]
    PersonLink.objects.bulk_create(PersonLink(one=one, other=two, reason="same voice") for one, two in pairs)
    for nth, other in enumerate(others):
        digest = secrets.token_bytes(32)
        Token.objects.create(user=user, name=f"program {nth}", scopes=["read"], digest=digest)
        DeviceSession.objects.create(user=user, subject=secrets.token_hex(32), device=f"device {nth}", by="password")
        direct(user, other)
    with transaction.atomic():
        drafts = [Draft(other.pk, "account.try", f"user:{user.pk}") for other in others]
        trail.record_many(drafts, origin={"via": "shell", "command": "a test"})
    return dict.fromkeys(("roles", "links", "tokens", "sessions", "conversations", "trail"), count)
