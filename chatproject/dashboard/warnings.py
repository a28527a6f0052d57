"""What somebody should see to: each a sentence that says what is wrong and what helps."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import workspace
from accounts.admin.people_filters import has_factor
from accounts.authority import recertification
from accounts.models import Grant
from chatproject.dashboard import waiting
from chatproject.dashboard.storage import Storage

#: So many are named in a warning.
NAMED = 5


def of(storage: Storage) -> list[str]:
    """List what is to be seen to."""
    held = list(_privileged())
    return [
        *_factors(held),
        *_owners(held),
        *_officers(held),
        *_dormant(held),
        *_mail(),
        *waiting.warnings(),
        *_disk(storage),
        *_recertification(),
    ]


def _privileged() -> QuerySet[Grant]:
    """Give every role in force, with its holder."""
    found = Grant.objects.filter(Grant.IN_FORCE, user__is_active=True)
    is_safe = ExpressionWrapper(has_factor("user"), output_field=BooleanField())
    return found.annotate(has_factor=is_safe).select_related("user").order_by("user__username")


def _factors(held: list[Any]) -> Iterator[str]:
    """Name who holds more than a moderator's role without a second factor, or is never asked for one."""
    privileged = {grant.user.pk: grant for grant in held if grant.role != "moderator"}.values()
    without = [grant.user for grant in privileged if not grant.has_factor]
    if without:
        yield _("Privileged people without a second factor: %s.") % named(without)
    exempt = [grant.user for grant in privileged if grant.user.is_factor_exempt and grant.has_factor]
    if exempt:
        yield _("Privileged people who may remove their second factor, being made from the shell: %s.") % named(exempt)


def _owners(held: list[Grant]) -> Iterator[str]:
    if sum(grant.role == "owner" for grant in held) < 2:
        yield _("There are fewer than two owners: if one is lost, nobody can appoint another. Make a second one.")


def _officers(held: list[Grant]) -> Iterator[str]:
    if not any(grant.role == "officer" for grant in held):
        yield _("There is no compliance officer: nobody can place a hold. The first is made by manage.py grant.")


def _dormant(held: list[Grant]) -> Iterator[str]:
    days = workspace.value("dormant_days")
    if not days:
        return
    before = timezone.now() - timedelta(days=days)
    owners = [grant.user for grant in held if grant.role == "owner"]
    dormant = [owner for owner in owners if (owner.last_active_at or owner.created_at) < before]
    if dormant:
        yield _("Owners who have not been here for %(days)s days: %(names)s.") % {"days": days, "names": named(dormant)}


def _mail() -> Iterator[str]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield _("No mail goes out: invitations and resets stay on this host until PARLEY_EMAIL_URL is set.")


def _disk(storage: Storage) -> Iterator[str]:
    if storage.is_nearly_full:
        yield _("The disk of the data folder is nearly full: less than a tenth is free.")


def _recertification() -> Iterator[str]:
    for late in recertification.overdue():
        yield _("Recertification %s is overdue: not every role has been answered for.") % late.quarter


def named(users: list[Any]) -> str:
    """Name some people, and count the rest."""
    names = ", ".join(f"@{user.username}" for user in users[:NAMED])
    rest = len(users) - NAMED
    return names if rest <= 0 else names + " " + ngettext("and %s more", "and %s more", rest) % rest
