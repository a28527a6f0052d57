"""Mails that wait: none is lost, none is sent twice at once, and nobody reads them where they lie."""

import base64
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import redis
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import counts, tasks
from accounts.mail import outbox, sending
from accounts.models import OutgoingMail, User
from chatproject import celery_app
from chatproject.places import ROOT
from tests.accounts.factors.doors import give_app
from tests.parts import wait_until
from tests.post import MailServer, deliver, link
from tests.worlds import PASSWORD, person


def _post(user: User) -> OutgoingMail:
    outbox.post("reset", user.email, user=user, link=f"https://x/reset/{user.username}-token")
    return OutgoingMail.objects.latest("created_at")


def _sweep() -> None:
    """Let it be the time at which what waits is due, and sweep."""
    OutgoingMail.objects.update(due_at=timezone.now())
    tasks.sweep_mails()


def _is_sending(post: MailServer) -> bool:
    return any(command.startswith("rcpt") for command in post.commands)


@pytest.fixture
def queue_away(monkeypatch) -> Iterator[Callable[[], None]]:
    """The queue is away until the test calls what it is given."""
    nowhere = "redis://127.0.0.1:1/0"
    with monkeypatch.context() as patch:
        patch.setattr(celery_app.conf, "broker_write_url", nowhere)
        patch.setattr(celery_app, "_pool", None)
        patch.setattr(celery_app.amqp, "_producer_pool", None)
        yield patch.undo


@pytest.fixture
def counts_away(monkeypatch, tmp_path, settings) -> Iterator[Callable[[], None]]:
    """Redis does not count mails until the test calls what it is given."""
    settings.IS_RATE_LIMITED = True
    with monkeypatch.context() as patch:
        backend = caches.settings["default"] | {"LOCATION": f"unix://{tmp_path}/nothing.sock"}
        patch.setattr(caches, "settings", {"default": backend})
        patch.setattr(counts, "cache", caches.create_connection("default"))
        yield patch.undo


def test_what_was_done_while_the_queue_was_away_is_mailed_when_it_is_back(post, queue_away, caplog):
    alice = person("alice", password=PASSWORD)
    with caplog.at_level(logging.WARNING):
        assert Client().post("/reset/", {"email": alice.email}).status_code == 200  # a wish
        client = Client()
        client.force_login(alice)
        changed = {"old_password": PASSWORD, "password": "seven quiet lanterns"}
        assert client.post("/settings/password/", changed).status_code == 302  # a mail
    assert "waits for the sweep" in caplog.text
    assert alice.email not in caplog.text
    queue_away()
    assert deliver() == 0
    assert OutgoingMail.objects.count() == 2
    tasks.sweep_mails()
    assert post.mails == []  # the queue has two minutes for them
    _sweep()
    deliver()  # the mail that became of the wish
    assert sorted(mail["Subject"].split()[0] for mail in post.to(alice.email)) == ["Choose", "Your"]
    assert not OutgoingMail.objects.exists()


def test_a_worker_that_dies_while_it_sends_loses_nothing(post):
    alice = person("alice")
    mail = _post(alice)
    post.takes.clear()
    sends = f"import django; django.setup(); from accounts import counts, tasks; tasks.send_mail('{mail.pk}')"
    environment = os.environ | {"PARLEY_EMAIL_URL": f"smtp+plain://127.0.0.1:{post.port}"}
    worker = subprocess.Popen([sys.executable, "-c", sends], cwd=ROOT, env=environment)
    try:
        wait_until(lambda: _is_sending(post), "a worker that sends")
    finally:
        worker.kill()
        worker.wait(30)
    post.takes.set()
    wait_until(lambda: _is_free(mail), "the lock let go")
    _sweep()
    assert len(post.to(alice.email)) == 1
    assert not OutgoingMail.objects.exists()


def _is_free(mail: OutgoingMail) -> bool:
    with transaction.atomic():
        return OutgoingMail.objects.select_for_update(skip_locked=True).filter(pk=mail.pk).exists()


def _elsewhere(work: Callable[[], object]) -> threading.Thread:
    """Do something at the same time, over a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_two_workers_never_send_the_same_at_once(post):
    alice = person("alice")
    mail = _post(alice)
    OutgoingMail.objects.update(due_at=timezone.now())
    post.takes.clear()
    one = _elsewhere(lambda: tasks.send_mail(str(mail.pk)))
    wait_until(lambda: _is_sending(post), "a worker that sends")
    tasks.send_mail(str(mail.pk))
    tasks.sweep_mails()
    deliver()
    post.takes.set()
    one.join()
    tasks.send_mail(str(mail.pk))
    assert sum(command.startswith("rcpt") for command in post.commands) == 1
    assert len(post.to(alice.email)) == 1


def test_one_that_is_wanted_later_is_sent_later(post, caplog):
    alice = person("alice")
    mail = _post(alice)
    post.answer = f"451 {alice.email} later"
    with caplog.at_level(logging.WARNING):
        tasks.send_mail(str(mail.pk))
    assert "later: [451]" in caplog.text
    assert alice.email not in caplog.text
    mail.refresh_from_db()
    assert mail.attempts == 1
    assert timedelta(seconds=25) < mail.due_at - timezone.now() <= timedelta(minutes=1)
    post.answer = "250 OK"
    tasks.sweep_mails()
    assert post.mails == []
    _sweep()
    (sent,) = post.to(alice.email)
    assert sent["Message-ID"] == f"<{mail.pk}@localhost>"


@pytest.mark.parametrize(
    ("attempts", "longest"), [(1, timedelta(minutes=1)), (4, timedelta(minutes=8)), (500, timedelta(hours=1))]
)
def test_the_wait_doubles_and_not_everybody_waits_as_long(attempts, longest):
    waits = {sending.wait(attempts) for _ in range(50)}
    assert all(longest / 2 <= each <= longest for each in waits)
    assert len(waits) > 5


def test_one_that_is_refused_for_good_is_gone(post, caplog):
    alice = person("alice")
    mail = _post(alice)
    post.answer = f"550 no {alice.email} here"
    with caplog.at_level(logging.WARNING):
        tasks.send_mail(str(mail.pk))
    assert "refused a mail (reset) for good: [550]" in caplog.text
    assert alice.email not in caplog.text
    assert not OutgoingMail.objects.exists()


def test_a_server_that_refuses_us_and_not_the_mail_loses_none(post, settings):
    alice = person("alice")
    _post(alice)
    post.sender_answer = "550 you may not send as this"
    deliver()
    assert OutgoingMail.objects.get().attempts == 1
    post.sender_answer = ""
    _sweep()
    assert len(post.to(alice.email)) == 1


def test_while_the_server_is_away_a_sweep_tries_one_and_then_all_are_sent(post, settings):
    people = [person(name) for name in ("alice", "bob", "carol")]
    for each in people:
        _post(each)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    _sweep()
    assert sorted(OutgoingMail.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    settings.EMAIL_PORT = port
    _sweep()
    assert [len(post.to(each.email)) for each in people] == [1, 1, 1]


def test_one_that_fails_by_itself_holds_up_nobody(post, caplog):
    alice = person("alice")
    outbox.post("reset", "a\nb@example.org", user=alice, link="https://x/reset/y")  # no header can be made of it
    _post(alice)
    with caplog.at_level(logging.ERROR):
        _sweep()
    assert "A mail (reset) failed: " in caplog.text
    assert "example.org" not in caplog.text
    assert len(post.to(alice.email)) == 1
    assert OutgoingMail.objects.get().attempts == 1


def test_after_a_day_it_is_given_up_and_the_log_says_so(post, caplog):
    old, young = _post(person("alice")), _post(person("bob"))
    OutgoingMail.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=24, minutes=1))
    OutgoingMail.objects.filter(pk=young.pk).update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    with caplog.at_level(logging.ERROR):
        tasks.sweep_mails()
    assert "1 mails (reset) were given up" in caplog.text
    assert OutgoingMail.objects.get().pk == young.pk
    assert post.mails == []


def test_nobody_reads_it_where_it_lies(post, settings):
    alice = person("alice", name="Alice Liddell")
    mail = _post(alice)
    Client().post("/reset/", {"email": alice.email})
    with connection.cursor() as cursor:
        cursor.execute("select t::text, encode(sealed, 'escape') from outgoing_mail t")
        rows = "".join(text for row in cursor.fetchall() for text in row)
    lies = (rows + _everything_in_redis(settings.REDIS_URL)).lower()
    assert str(mail.pk) in _everything_in_redis(settings.REDIS_URL)  # so it is a search that finds
    for secret in (alice.email, alice.username, "liddell", "-token", "/reset/", "https", "hello"):
        assert secret.lower() not in lies, secret
    deliver()
    assert alice.username in post.to(alice.email)[0].get_content()


def _everything_in_redis(url: str) -> str:
    """Give all keys and values, and what of them is base64 in clear as well."""
    server: Any = redis.from_url(url)
    found: list[bytes] = []
    for key in server.scan_iter("*"):
        match server.type(key):
            case b"string":
                values = [server.get(key)]
            case b"list":
                values = server.lrange(key, 0, -1)
            case b"hash":
                values = [part for pair in server.hgetall(key).items() for part in pair]
            case b"set":
                values = list(server.smembers(key))
            case _:
                values = server.zrange(key, 0, -1)
        found += [key, *values]
    texts = [part.decode(errors="replace") for part in found]
    bodies = [part for text in texts for part in text.split('"') if len(part) > 40]
    for body in bodies:
        try:
            texts.append(base64.b64decode(body, validate=True).decode(errors="replace"))
        except ValueError:
            continue
    return "\n".join(texts)


def test_what_is_sealed_for_one_mail_is_sent_as_no_other(post):
    alice, mallory = person("alice"), person("mallory")
    of_alice, of_mallory = _post(alice), _post(mallory)
    # who can write to the database makes a mail of one's own that of somebody else
    OutgoingMail.objects.filter(pk=of_mallory.pk).update(sealed=of_alice.sealed, key_id=of_alice.key_id)
    deliver()
    assert [mail["To"] for mail in post.mails] == [alice.email]


def test_a_new_key_seals_what_waits_and_waits_for_what_is_being_sent(post, settings, tmp_path):
    settings.FACTORS_KEY = tmp_path / "keys" / "factors.key"
    alice, bob, carol = (person(name) for name in ("alice", "bob", "carol"))
    being_sent, waiting = _post(alice), _post(bob)
    before = settings.FACTORS_KEY.read_text()
    post.takes.clear()
    sender = _elsewhere(lambda: tasks.send_mail(str(being_sent.pk)))
    wait_until(lambda: _is_sending(post), "a worker that sends")
    rotation = _elsewhere(lambda: call_command("rotate_factors_key", stdout=StringIO()))
    wait_until(_waits_for_a_row, "a rotation that waits for the sender")
    coming = _post(carol)  # nobody waits for the rotation
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
    mail = _post(alice)
    post.takes.clear()
    sender = _elsewhere(lambda: tasks.send_mail(str(mail.pk)))
    wait_until(lambda: _is_sending(post), "a worker that sends")
    first = _elsewhere(lambda: call_command("rotate_factors_key", stdout=StringIO()))
    wait_until(_waits_for_a_row, "a rotation that waits for the sender")
    give_app(person("bob"))  # sealed under the first one's key
    second = _elsewhere(lambda: call_command("rotate_factors_key", stdout=StringIO()))
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
    lost, waiting = _post(alice), _post(alice)
    OutgoingMail.objects.filter(pk=lost.pk).update(key_id="gone")
    with caplog.at_level(logging.ERROR):
        call_command("rotate_factors_key", stdout=StringIO())
    assert f"{lost.pk} can't be sealed anew" in caplog.text
    waiting.refresh_from_db()
    assert waiting.content["to"] == alice.email


def test_what_redis_could_not_count_is_counted_by_the_worker(post, counts_away):
    alice = person("alice", password=PASSWORD)
    for number in range(7):
        answer = Client().post("/reset/", {"email": alice.email}, REMOTE_ADDR=f"192.0.2.{number}")
        assert answer.status_code == 200
    deliver()  # it can't yet, either
    assert OutgoingMail.objects.count() == 7
    counts_away()
    _sweep()
    deliver()
    assert len([link(mail) for mail in post.to(alice.email)]) == 5
    assert not OutgoingMail.objects.exists()


def test_uncounted_wishes_are_bounded_and_whoever_is_signed_in_is_told(post, counts_away, monkeypatch):
    monkeypatch.setattr(outbox, "MOST_UNCOUNTED", 3)
    told = [Client().post("/reset/", {"email": f"nobody{n}@example.org"}).status_code for n in range(5)]
    assert told == [200, 200, 200, 503, 503]
    alice, client = person("alice", password=PASSWORD), Client()
    User.objects.filter(pk=alice.pk).update(email_verified_at=None)
    client.force_login(alice)
    answer = client.post("/settings/email/", {"email": "new@example.org", "password": PASSWORD})
    assert answer.status_code == 503
    assert "try again in a few minutes" in answer.content.decode()
    assert OutgoingMail.objects.count() == 3


@pytest.fixture(autouse=True)
def _no_apps(settings) -> None:
    """A rotation opens them all, and other tests sealed some under keys of their own."""
    from accounts.models import AuthenticatorApp

    AuthenticatorApp.objects.all().delete()
