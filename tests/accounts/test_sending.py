"""Mails that wait are sent, each once, again and again where need be, and no longer than they are of use."""

import logging
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import tasks
from accounts.access import passwords, resets
from accounts.mail import outbox, sending
from accounts.models import MailedLink, OutgoingMail, User
from accounts.people import signup, verification
from chatproject.places import ROOT
from tests.accounts.outgoing import elsewhere, is_sending, posted, sweep
from tests.parts import wait_until
from tests.post import deliver
from tests.worlds import PASSWORD, acting, person


def test_a_worker_that_dies_while_it_sends_loses_nothing(post):
    alice = person("alice")
    mail = posted(alice)
    post.takes.clear()
    sends = f"import django; django.setup(); from accounts import counts, tasks; tasks.send_mail('{mail.pk}')"
    environment = os.environ | {"PARLEY_EMAIL_URL": f"smtp+plain://127.0.0.1:{post.port}"}
    worker = subprocess.Popen([sys.executable, "-c", sends], cwd=ROOT, env=environment)
    try:
        wait_until(lambda: is_sending(post), "a worker that sends")
    finally:
        worker.kill()
        worker.wait(30)
    post.takes.set()
    wait_until(lambda: _is_free(mail), "the lock let go")
    sweep()
    assert len(post.to(alice.email)) == 1
    assert not OutgoingMail.objects.exists()


def _is_free(mail: OutgoingMail) -> bool:
    with transaction.atomic():
        return OutgoingMail.objects.select_for_update(skip_locked=True).filter(pk=mail.pk).exists()


def test_two_workers_never_send_the_same_at_once(post):
    alice = person("alice")
    mail = posted(alice)
    OutgoingMail.objects.update(due_at=timezone.now())
    post.takes.clear()
    one = elsewhere(lambda: tasks.send_mail(str(mail.pk)))
    wait_until(lambda: is_sending(post), "a worker that sends")
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
    mail = posted(alice)
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
    sweep()
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
    mail = posted(alice)
    post.answer = f"550 no {alice.email} here"
    with caplog.at_level(logging.WARNING):
        tasks.send_mail(str(mail.pk))
    assert "refused a mail (reset) for good: [550]" in caplog.text
    assert alice.email not in caplog.text
    assert not OutgoingMail.objects.exists()


def test_a_server_that_refuses_us_and_not_the_mail_loses_none(post, settings):
    alice = person("alice")
    posted(alice)
    post.sender_answer = "550 you may not send as this"
    deliver()
    assert OutgoingMail.objects.get().attempts == 1
    post.sender_answer = ""
    sweep()
    assert len(post.to(alice.email)) == 1


def test_while_the_server_is_away_a_sweep_tries_one_and_then_all_are_sent(post, settings):
    people = [person(name) for name in ("alice", "bob", "carol")]
    for each in people:
        posted(each)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    sweep()
    assert sorted(OutgoingMail.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    settings.EMAIL_PORT = port
    sweep()
    assert [len(post.to(each.email)) for each in people] == [1, 1, 1]


def test_one_that_fails_by_itself_holds_up_nobody(post, caplog):
    alice = person("alice")
    outbox.post("reset", "a\nb@example.org", user=alice, link="https://x/reset/y")  # no header can be made of it
    posted(alice)
    with caplog.at_level(logging.ERROR):
        sweep()
    assert "A mail (reset) failed: " in caplog.text
    assert "example.org" not in caplog.text
    assert len(post.to(alice.email)) == 1
    assert OutgoingMail.objects.get().attempts == 1


def test_after_a_day_it_is_given_up_and_the_log_says_so(post, caplog):
    old, young = posted(person("alice")), posted(person("bob"))
    OutgoingMail.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=24, minutes=1))
    OutgoingMail.objects.filter(pk=young.pk).update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    with caplog.at_level(logging.ERROR):
        tasks.sweep_mails()
    assert "1 mails (reset) were given up" in caplog.text
    assert OutgoingMail.objects.get().pk == young.pk
    assert post.mails == []


def _resets(email: str, _user: User) -> None:
    resets.send(email, "https://x")


def _verifies(_email: str, user: User) -> None:
    verification.send(user, "https://x")


def _changes(email: str, user: User) -> None:
    verification.ask_change(acting(user), f"new-{email}", PASSWORD, "https://x")


def _signs_up(email: str, _user: User) -> None:
    signup.send(f"new-{email}", "https://x")


@pytest.mark.parametrize("ask", [_resets, _verifies, _changes, _signs_up])
def test_one_whose_link_ran_out_while_it_waited_is_left_out(post, settings, caplog, ask):
    alice = person("alice", password=PASSWORD)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    ask(alice.email, alice)
    sweep()
    assert OutgoingMail.objects.get().attempts == 1
    MailedLink.objects.filter(email__endswith=alice.email).update(expires_at=timezone.now())
    settings.EMAIL_PORT = port
    with caplog.at_level(logging.WARNING):
        sweep()
    assert "its link is void" in caplog.text
    assert alice.email not in caplog.text
    assert post.mails == []
    assert not OutgoingMail.objects.exists()


def test_a_new_password_calls_back_the_link_that_is_still_on_its_way(post):
    alice = person("alice", password=PASSWORD)
    resets.send(alice.email, "https://x")
    passwords.change(acting(alice), PASSWORD, "seven quiet lanterns")
    deliver()
    assert [mail["Subject"].split()[0] for mail in post.to(alice.email)] == ["Your"]
