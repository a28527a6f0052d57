"""How many people there are."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User


def figures() -> dict[str, Any]:
    """Count people by what they are, in one look at all of them."""
    is_person = Q(kind=User.Kind.PERSON)
    week_ago = timezone.now() - timedelta(days=7)
    return User.objects.aggregate(
        members=Count("pk", filter=is_person & Q(is_active=True, is_guest=False, imported_at=None)),
        guests=Count("pk", filter=is_person & Q(is_active=True, is_guest=True, imported_at=None)),
        imported=Count("pk", filter=is_person & Q(is_active=True, imported_at__isnull=False)),
        bots=Count("pk", filter=Q(kind=User.Kind.BOT, is_active=True)),
        suspended=Count("pk", filter=Q(is_active=False, deactivated_at=None)),
        joined=Count("pk", filter=is_person & Q(created_at__gte=week_ago)),
    )
