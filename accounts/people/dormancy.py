"""Accounts that nobody uses are doors that nobody watches: they are suspended."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import actor, workspace
from accounts.models import User
from accounts.people import lifecycle
from accounts.refusal import Refusal


def suspend_dormant() -> list[int]:
    """Suspend people who did nothing for `dormant_days`, and give their ids.

    Never a bot, nobody who was imported and has yet to be invited, and not the last owner.
    """
    days = workspace.value("dormant_days")
    if not days:
        return []
    since = timezone.now() - timedelta(days=days)
    people_here = User.objects.filter(is_active=True, kind=User.Kind.PERSON, imported_at=None)
    dormant = people_here.annotate(seen_at=Coalesce(F("last_active_at"), F("created_at"))).filter(seen_at__lt=since)
    suspended = []
    for user in dormant.order_by("pk").iterator(chunk_size=500):
        try:
            lifecycle.suspend(actor.system("dormancy"), user, f"not used for {days} days")
        except Refusal:  # the last owner, or somebody else was first
            continue
        suspended.append(user.pk)
    return suspended
