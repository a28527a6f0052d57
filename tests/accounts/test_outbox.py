"""Mails are kept in the commit of what they tell of: none is lost, and nobody reads them where they lie."""

import base64
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client

from accounts import counts, tasks
from accounts.mail import outbox
from accounts.models import OutgoingMail, User
from chatproject import celery_app
from tests.accounts.outgoing import posted, sweep
from tests.post import deliver, link
from tests.worlds import PASSWORD, person


@pytest.fixture
def queue_away(monkeypatch) -> Iterator[Callable[[], None]]:
    """The queue is away until the test calls what it is given."""
    nowhere = "redis://127.0.0.1:1/0"
    with monkeypatch.context() as patch:
        patch.setattr(celery_app.conf, "broker_write_url", nowhere)
        patch.setattr(outbox._Queue, "left_alone_until", float("-inf"))  # and it is not left alone once it is back
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
    sweep()
    deliver()  # the mail that became of the wish
    assert sorted(mail["Subject"].split()[0] for mail in post.to(alice.email)) == ["Choose", "Your"]
    assert not OutgoingMail.objects.exists()


def test_nobody_reads_it_where_it_lies(post, settings):
    alice = person("alice", name="Alice Liddell")
    mail = posted(alice)
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
    of_alice, of_mallory = posted(alice), posted(mallory)
    # who can write to the database makes a mail of one's own that of somebody else
    OutgoingMail.objects.filter(pk=of_mallory.pk).update(sealed=of_alice.sealed, key_id=of_alice.key_id)
    deliver()
    assert [mail["To"] for mail in post.mails] == [alice.email]


def test_what_redis_could_not_count_is_counted_by_the_worker(post, counts_away):
    alice = person("alice", password=PASSWORD)
    for number in range(7):
        answer = Client().post("/reset/", {"email": alice.email}, REMOTE_ADDR=f"192.0.2.{number}")
        assert answer.status_code == 200
    deliver()  # it can't yet, either
    assert OutgoingMail.objects.count() == 7
    counts_away()
    sweep()
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


@pytest.fixture
def hung_up_on(monkeypatch) -> Iterator[list[socket.socket]]:
    """The queue's server hangs up on whoever comes; give all who came."""
    came: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as broker, monkeypatch.context() as patch:

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                while True:
                    came.append(broker.accept()[0])
                    came[-1].close()

        threading.Thread(target=hang_up, daemon=True).start()
        patch.setattr(outbox._Queue, "left_alone_until", float("-inf"))
        patch.setattr(celery_app.conf, "broker_write_url", f"redis://127.0.0.1:{broker.getsockname()[1]}/0")
        patch.setattr(celery_app, "_pool", None)
        patch.setattr(celery_app.amqp, "_producer_pool", None)
        yield came
        broker.shutdown(socket.SHUT_RDWR)


def test_of_the_mails_of_a_deed_one_waits_for_a_queue_that_is_away(hung_up_on):
    alice = person("alice")
    posted(alice)
    of_one = len(hung_up_on)
    with transaction.atomic():
        for _each in range(5):
            posted(alice)
    assert len(hung_up_on) == of_one > 0
    assert OutgoingMail.objects.count() == 6
