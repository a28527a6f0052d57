"""Telling moderators by mail that there is something new to look into: once of each report, all of an hour together."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import ngettext

from accounts import actor
from accounts.authority import roles
from accounts.mail import outbox
from accounts.models import Grant, User
from messaging import reviewing
from messaging.database import rows
from messaging.models import Report, ReportStep

#: Reports that one mail tells of; of more, the next one does.
AT_ONCE = 1000
_HOLD = "select pg_advisory_xact_lock(hashtextextended('reports by mail', 0))"


def tell() -> int:
    """Tell every moderator how many reports are new for that one, and count the mails.

    Of one's own messages, and across a barrier, nobody is told. While there is no moderator it waits for one.
    """
    with transaction.atomic():
        rows(_HOLD)  # so that two workers don't tell twice
        new = Report.objects.filter(decided_at=None, holder_id=None, told_at=None).order_by("at", "id")[:AT_ONCE]
        ids, moderators = [report.pk for report in new], _moderators()
        if not ids or not moderators:
            return 0
        told = [_mail(user, ids) for user in moderators]
        ReportStep.objects.bulk_create(ReportStep(report_id=id, kind=ReportStep.Kind.TELL) for id in ids)
    return sum(told)


def _moderators() -> list[User]:
    held = Grant.objects.filter(Grant.IN_FORCE, user=OuterRef("pk"), role__in=roles.with_verb(reviewing.VERB))
    reached = User.objects.filter(Exists(held), is_active=True, email_verified_at__isnull=False).exclude(email="")
    return list(reached.defer("password").order_by("pk"))


def _mail(user: User, ids: list[int]) -> bool:
    """Post a mail to a moderator, unless there is nothing new for that one."""
    count = reviewing.reviewable(actor.Actor(user, "system")).filter(pk__in=ids).count()
    if count:
        said = ngettext(
            "%s message was reported to the moderators, and nobody has claimed the report yet.",
            "%s messages were reported to the moderators, and nobody has claimed the reports yet.",
            count,
        )
        outbox.post("reports_new", user.email, said=said % count)
    return bool(count)
