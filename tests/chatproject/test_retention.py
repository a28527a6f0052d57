"""What is declared to be kept for some days is gone after them, by the tasks that the clock runs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from celery import current_app
from django.conf import settings
from django.db import connections
from django.utils import timezone

from accounts.models import DeviceSession, MailedLink, OutgoingMail
from audit import trail
from audit.models import Personal
from chatproject.privacy import described
from tests.worlds import person

#: Makes a row of a model as old as this, and tells whether it is still there.
Aged = Callable[[timedelta], Callable[[], bool]]


def _origin(age: timedelta) -> Callable[[], bool]:
    alice = person("alice")
    entry = trail.record(
        actor=alice.pk, verb="session.open", target=f"user:{alice.pk}", origin={"address": "192.0.2.7"}
    )
    with connections["owner"].cursor() as owner:  # nobody else changes what is beside the trail
        owner.execute("UPDATE audit_personal SET at = %s WHERE entry_id = %s", [timezone.now() - age, entry.pk])
    return Personal.objects.filter(entry_id=entry.pk, part="origin").exists


def _session(age: timedelta) -> Callable[[], bool]:
    alice = person("alice")
    at = timezone.now() - age
    row = DeviceSession.objects.create(
        user=alice, subject=f"{alice.pk:064x}", created_at=at, last_used_at=at, ended_at=at, address="192.0.2.7"
    )
    return DeviceSession.objects.filter(pk=row.pk).exists


def _mailed_link(age: timedelta) -> Callable[[], bool]:
    alice = person("alice")
    row = MailedLink.objects.create(
        user=alice, email=alice.email, digest=alice.pk.to_bytes(32), purpose="reset", expires_at=timezone.now() - age
    )
    return MailedLink.objects.filter(pk=row.pk).exists


def _outgoing_mail(age: timedelta) -> Callable[[], bool]:
    row = OutgoingMail.objects.create(template="reset", sealed=b"x", due_at=timezone.now() + timedelta(days=1))
    OutgoingMail.objects.filter(pk=row.pk).update(created_at=timezone.now() - age)
    return OutgoingMail.objects.filter(pk=row.pk).exists


def _guess(age: timedelta) -> Callable[[], bool]:
    alice = person("alice")
    row = AccessAttempt.objects.create(username=f"user:{alice.pk}", ip_address="192.0.2.7", failures_since_start=1)
    AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - age)
    return lambda: bool(AccessAttempt.objects.filter(pk=row.pk).exists())


AGED: dict[str, Aged] = {
    "AccessAttempt": _guess,
    "Personal": _origin,
    "DeviceSession": _session,
    "MailedLink": _mailed_link,
    "OutgoingMail": _outgoing_mail,
}


def _days() -> dict[str, int]:
    """Give the models of which something is kept for some days, each with how many."""
    found = {}
    for model, fields in described():
        for processing in fields.values():
            if processing is not None and processing.retention.days is not None:
                found[str(model._meta.object_name)] = processing.retention.days
    return found


def _run_the_clock() -> None:
    """Run what Celery's clock runs, as far as it takes something away."""
    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        task = str(entry["task"])
        if any(word in task for word in ("expire", "clear", "forget", "sweep")):
            current_app.tasks[task]()


def test_each_that_is_declared_has_its_proof():
    assert _days().keys() == AGED.keys()


@pytest.mark.parametrize("model", AGED)
def test_it_is_kept_until_then_and_not_after(model):
    days = _days()[model]
    is_old_there = AGED[model](timedelta(days=days, hours=1))
    is_young_there = AGED[model](timedelta(days=days, hours=-1))
    assert is_old_there()
    _run_the_clock()
    assert not is_old_there()
    assert is_young_there()


def test_what_django_axes_might_log_beside_is_empty():
    assert not AccessLog.objects.exists()
    assert not AccessFailureLog.objects.exists()
