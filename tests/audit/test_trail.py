"""The trail: a deed is on it if it was done, and only then."""

import contextlib
import getpass

from django.db import transaction

from audit import trail
from audit.models import Entry
from tests.worlds import person


class _RolledBack(Exception):
    pass


def test_a_deed_is_recorded_as_it_was_done():
    alice = person("alice")
    made = trail.record(
        actor=alice.pk,
        verb="role.change",
        target=f"user:{alice.pk}",
        before="member",
        after="owner",
        origin={"ip": "::1"},
    )
    kept = Entry.objects.get(pk=made.pk)
    assert (kept.actor_id, kept.verb, kept.target) == (alice.pk, "role.change", f"user:{alice.pk}")
    assert (kept.before, kept.after, kept.origin) == ("member", "owner", {"ip": "::1"})
    assert kept.at is not None


def test_a_deed_that_was_rolled_back_is_not_on_it():
    target = f"user:{person('alice').pk}"
    with contextlib.suppress(_RolledBack), transaction.atomic():
        trail.record(actor=None, verb="test", target=target, origin={})
        raise _RolledBack
    assert not Entry.objects.filter(target=target).exists()


def test_a_shells_deed_names_the_operating_systems_user():
    origin = trail.command_line("manage.py something")
    assert (origin["command"], origin["os_user"]) == ("manage.py something", getpass.getuser())
    assert origin["host"]
