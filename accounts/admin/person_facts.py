"""What is known of an account."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.table import Cell, Words, cell
from accounts.models import User


def state(user: User) -> Cell:
    """Say whether somebody may come in."""
    if user.deactivated_at:
        return Cell(_("Deactivated"), tone="quiet")
    if not user.is_active:
        return Cell(_("Suspended"), tone="alert")
    if user.imported_at:
        return Cell(_("Not invited yet"), tone="quiet")
    return Cell(_("Active"), tone="good")


def kind(user: User) -> Words:
    """Say what somebody is without a role."""
    if user.kind == User.Kind.BOT:
        return _("Bot")
    return _("Guest") if user.is_guest else _("Member")


def facts(user: User) -> list[tuple[Words, Cell]]:
    """Give what is known of an account."""
    verified = user.email_verified_at
    found: list[tuple[Words, Cell]] = [
        (_("State"), state(user)),
        (_("Username"), Cell(f"@{user.username}")),
        (_("E-mail"), Cell(user.email or "–", note="" if verified or not user.email else _("not verified"))),
        (_("Kind"), Cell(kind(user))),
        (_("Joined"), cell(user.created_at)),
        (_("Last here"), cell(user.last_active_at or _("never"))),
    ]
    if user.invited_by:
        url = reverse("admin:accounts_user_change", args=[user.invited_by_id])
        found.append((_("Invited by"), Cell(user.invited_by.name, url=url)))
    if user.suspended_at and not user.is_active:
        found.append((_("Suspended"), cell(user.suspended_at)))
    if user.muted_until and user.muted_until > timezone.now():
        found.append((_("Muted until"), Cell(at=user.muted_until, note=_("In the whole workspace."))))
    if user.deactivated_at:
        found.append((_("Deactivated"), cell(user.deactivated_at)))
    if user.is_factor_exempt:
        found.append((_("Second factor"), Cell(_("Never demanded"), note=_("The account was made from the shell."))))
    return found
