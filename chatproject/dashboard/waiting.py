"""What has waited for too long: mails for their server, reports for a moderator. Counted in one look."""

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import ngettext

from accounts import workspace

#: A mail is sent within seconds, and greylisting lasts for minutes.
MAIL_IS_LATE_MINUTES = 10
#: So many of each are counted.
MOST = 1000

_COUNT = """
select (
    select count(*) from (
        select from outgoing_mail where created_at < statement_timestamp() - make_interval(mins => %(minutes)s)
        limit %(most)s) late
), (
    select count(*) from (
        select from report
        where decided_at is null and at < statement_timestamp() - make_interval(hours => %(hours)s)
        limit %(most)s) late
)
"""


def warnings() -> Iterator[str]:
    """Say what is to be seen to."""
    hours = workspace.value("report_hours")
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"minutes": MAIL_IS_LATE_MINUTES, "hours": hours, "most": MOST})
        mails, reports = cursor.fetchone()
    if mails:
        said = ngettext(
            "%s mail has waited for more than ten minutes: look at the mail server, and into the log of the worker.",
            "%s mails have waited for more than ten minutes: look at the mail server, and into the log of the worker.",
            mails,
        )
        yield said % mails
    if hours and reports:
        said = ngettext(
            "%(count)s report to the moderators has waited for over %(hours)s hours: see that somebody moderates.",
            "%(count)s reports to the moderators have waited for over %(hours)s hours: see that somebody moderates.",
            reports,
        )
        yield said % {"count": reports, "hours": hours}
