"""The dashboard: what is to be seen to is said, and what is away is said plainly."""

from datetime import timedelta

import pytest
from celery import current_app
from django.db import connections
from django.utils import timezone

from accounts import workspace
from accounts.actor import shell
from accounts.models import AuthenticatorApp, Grant, OutgoingMail, Setting, User
from audit.models import Checkpoint, Delivery, Verification
from chatproject.dashboard import activity, people, queues, storage, trail, warnings
from chatproject.dashboard.storage import Storage
from messaging import deciding, tasks
from messaging.deciding import Decision, Outcome
from tests.accounts.admin.desks import desk, holder
from tests.messaging.reported import case
from tests.worlds import channel, person, say

ROOM = Storage(database=1, tables=[], free=50, disk=100)


def _said(words: str, room: Storage = ROOM) -> list[str]:
    return [warning for warning in warnings.of(room) if words in warning]


def test_privileged_people_without_a_second_factor_are_named_until_they_have_one(monkeypatch):
    monkeypatch.setattr(warnings, "NAMED", 100_000)
    administrator, moderator = holder("administrator"), holder("moderator")
    (before,) = _said("without a second factor")
    assert f"@{administrator.username}" in before
    assert f"@{moderator.username}" not in before
    AuthenticatorApp.objects.create(user=administrator, name="phone", key_id="1", sealed=b"x", confirmed=True)
    assert not any(f"@{administrator.username}" in warning for warning in _said("without a second factor"))
    assert any(f"@{administrator.username}" in warning for warning in _said("may remove their second factor"))
    User.objects.filter(pk=administrator.pk).update(is_factor_exempt=False)
    assert not any(f"@{administrator.username}" in warning for warning in _said("may remove their second factor"))


def test_owners_who_are_never_here_are_named(monkeypatch):
    monkeypatch.setattr(warnings, "NAMED", 100_000)
    owner = holder("owner")
    User.objects.filter(pk=owner.pk).update(last_active_at=timezone.now() - timedelta(days=400))
    assert any(f"@{owner.username}" in warning for warning in _said("have not been here"))
    User.objects.filter(pk=owner.pk).update(last_active_at=timezone.now())
    assert not any(f"@{owner.username}" in warning for warning in _said("have not been here"))


def test_a_disk_that_fills_up_and_mail_that_stays_are_told(settings):
    assert _said("nearly full", ROOM._replace(free=9))
    assert not _said("nearly full", ROOM._replace(free=11))
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert _said("No mail goes out")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert not _said("No mail goes out")


def test_mails_that_wait_for_long_are_counted():
    OutgoingMail.objects.all().delete()
    late, young = (OutgoingMail.objects.create(template="reset", due_at=timezone.now()) for _ in range(2))
    OutgoingMail.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(minutes=11))
    OutgoingMail.objects.filter(pk=young.pk).update(created_at=timezone.now() - timedelta(minutes=9))
    (said,) = _said("for more than ten minutes")
    assert said.startswith("1 mail has waited")
    OutgoingMail.objects.all().delete()
    assert not _said("for more than ten minutes")


def test_reports_that_wait_for_long_are_counted_and_decided_ones_are_not():
    found, words = case(is_claimed=True), "to the moderators"
    before = _said(words)
    with connections["owner"].cursor() as cursor:
        cursor.execute("update report set at = at - interval '25 hours' where id = %s", [found.report.pk])
    late = _said(words)
    assert late != before
    try:
        workspace.change(shell("tests"), {"report_hours": 26})
        assert _said(words) != late
        workspace.change(shell("tests"), {"report_hours": 0})
        assert _said(words) == []
    finally:
        Setting.objects.filter(name="report_hours").delete()
        workspace.forget()
    deciding.decide(found.by, found.report, Decision(Outcome.DISMISSED, "Nothing in it"))
    assert _said(words) == before


@pytest.mark.parametrize(
    ("to", "leaves"), [("", False), ("file:///a", False), ("file:///a,mailto:x@example.org", True)]
)
def test_checkpoints_that_stay_here_are_told(settings, to, leaves):
    settings.CHECKPOINTS_TO = to
    told = [warning for warning in trail.warnings(trail.look()) if "don't leave this host" in warning]
    assert bool(told) != leaves


def test_a_verification_that_is_late_is_told_and_not_on_the_first_day():
    def is_late(begun: timedelta | None, last: timedelta | None) -> bool:
        now = timezone.now()
        verified = None if last is None else Verification(at=now - last, is_ok=True)
        watch = trail.Watch(None if begun is None else now - begun, verified, None, None)
        return any("not been verified" in warning for warning in trail.warnings(watch))

    assert not is_late(None, None)
    assert not is_late(timedelta(hours=1), None)
    assert is_late(timedelta(days=3), None)
    assert is_late(timedelta(days=9), timedelta(days=3))
    assert not is_late(timedelta(days=9), timedelta(days=1))


def test_messages_are_counted_by_day_and_days_that_are_over_are_counted_once(django_assert_num_queries):
    alice = person("alice")
    room = channel(alice)
    before = activity.messages_a_day()
    assert before is not None
    say(alice, room, "one")
    say(alice, room, "two")
    after = activity.messages_a_day()
    assert after is not None
    assert len(after) == activity.DAYS
    assert after[-1][1] == before[-1][1] + 2
    bars = activity.chart(after)
    assert max(bar.height for bar in bars) == activity.HEIGHT
    assert [bar.is_today for bar in bars] == [False] * 13 + [True]


def test_a_queue_s_length_is_told_and_one_that_is_away_too(monkeypatch):
    before = {queue.name: queue.length for queue in queues.look()}
    tasks.import_people.apply_async([0])
    after = {queue.name: queue.length for queue in queues.look()}
    assert sum(length or 0 for length in after.values()) == sum(length or 0 for length in before.values()) + 1
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    assert {queue.length for queue in queues.look()} == {None}


def test_the_page_shows_it_all():
    page = desk(holder("owner")).get("/admin/").content.decode()
    for words in ("Members", "Messages a day", "Database", "Last verified", "Work that waits", "<rect"):
        assert words in page
    assert storage.look().database > 0


def _granted(*roles: str) -> list[Grant]:
    return [Grant(role=role) for role in roles]


def test_a_lone_owner_and_a_workspace_without_an_officer_are_told():
    assert list(warnings._owners(_granted("owner", "officer")))
    assert not list(warnings._owners(_granted("owner", "owner")))
    assert list(warnings._officers(_granted("owner", "administrator")))
    assert not list(warnings._officers(_granted("officer")))


def test_a_trail_that_is_not_whole_or_not_signed_or_does_not_leave_is_told():
    def told(words: str, **seen) -> bool:
        whole = trail.Watch(
            begun_at=timezone.now(),
            verification=Verification(at=timezone.now(), is_ok=True),
            checkpoint=Checkpoint(),
            late=None,
        )
        return any(words in warning for warning in trail.warnings(whole._replace(**seen)))

    assert told("not whole", verification=Verification(at=timezone.now(), is_ok=False))
    assert not told("not whole")
    assert told("No checkpoint", checkpoint=None)
    assert not told("No checkpoint")
    assert told("has not reached https://siem.example", late=Delivery(destination="https://siem.example"))
    assert not told("has not reached")


def test_people_are_counted_by_what_they_are():
    before = people.figures()
    person("alice")
    guest = person("carol")
    User.objects.filter(pk=guest.pk).update(is_guest=True)
    shut_out = person("bob")
    User.objects.filter(pk=shut_out.pk).update(is_active=False)
    after = people.figures()
    grown = {name: after[name] - before[name] for name in after}
    assert grown == {"members": 1, "guests": 1, "imported": 0, "bots": 0, "suspended": 1, "joined": 3}
