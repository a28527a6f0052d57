"""The key that seals is changed while mails wait and are sent, and while others change it too."""

import logging
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from accounts import tasks
from accounts.models import AuthenticatorApp, OutgoingMail
from tests.accounts.factors.doors import give_app
from tests.accounts.outgoing import elsewhere, is_sending, posted
from tests.parts import wait_until
from tests.post import deliver
from tests.worlds import person


@pytest.fixture(autouse=True)
def _no_apps(settings) -> None:
    """A rotation opens them all, and other tests sealed some under keys of their own."""
    AuthenticatorApp.objects.all().delete()


def test_a_new_key_seals_what_waits_and_waits_for_what_is_being_sent(post, settings, tmp_path):
    settings.FACTORS_KEY = tmp_path / "keys" / "factors.key"
    alice, bob, carol = (person(name) for name in ("alice", "bob", "carol"))
    being_sent, waiting = posted(alice), posted(bob)
    before = settings.FACTORS_KEY.read_text()
    post.takes.clear()
    sender = elsewhere(lambda: tasks.send_mail(str(being_sent.pk)))
    wait_until(lambda: is_sending(post), "a worker that sends")
    rotation = elsewhere(lambda: call_command("rotate_factors_key", stdout=StringIO()))
    wait_until(_waits_for_a_row, "a rotation that waits for the sender")
    coming = posted(carol)  # nobody waits for the rotation
    post.takes.set()
    sender.join()
    rotation.join()
    assert before.strip() not in settings.FACTORS_KEY.read_text()
    waiting_key = waiting.key_id
    waiting.refresh_from_db()
    assert waiting.key_id == coming.key_id != waiting_key
    deliver()
    assert sorted(mail["To"] for mail in post.mails) == sorted(each.email for each in (alice, bob, carol))


def _waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' "
            "and query like '%outgoing_mail%'"
        )
        return bool(cursor.fetchall())


def test_two_rotations_at_once_lose_nothing(post, settings, tmp_path):
    settings.FACTORS_KEY = tmp_path / "keys" / "factors.key"
    alice = person("alice")
    mail = posted(alice)
    post.takes.clear()
    sender = elsewhere(lambda: tasks.send_mail(str(mail.pk)))
    wait_until(lambda: is_sending(post), "a worker that sends")
    first = elsewhere(lambda: call_command("rotate_factors_key", stdout=StringIO()))
    wait_until(_waits_for_a_row, "a rotation that waits for the sender")
    give_app(person("bob"))  # sealed under the first one's key
    second = elsewhere(lambda: call_command("rotate_factors_key", stdout=StringIO()))
    wait_until(lambda: len(settings.FACTORS_KEY.read_text().split()) == 3, "a second rotation")
    post.takes.set()
    for thread in (sender, first, second):
        thread.join()
    assert len(settings.FACTORS_KEY.read_text().split()) == 1
    deliver()
    assert not OutgoingMail.objects.exists()


def test_what_can_t_be_opened_hinders_no_rotation(settings, tmp_path, caplog):
    settings.FACTORS_KEY = tmp_path / "keys" / "factors.key"
    alice = person("alice")
    lost, waiting = posted(alice), posted(alice)
    OutgoingMail.objects.filter(pk=lost.pk).update(key_id="gone")
    with caplog.at_level(logging.ERROR):
        call_command("rotate_factors_key", stdout=StringIO())
    assert f"{lost.pk} can't be sealed anew" in caplog.text
    waiting.refresh_from_db()
    assert waiting.content["to"] == alice.email
