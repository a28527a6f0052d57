"""Mail: where it goes, by which protocol, and what it says."""

import logging
import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail import get_connection
from django.core.mail.message import EmailMessage
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts import tasks
from accounts.mail import delivery, outbox
from chatproject import smtp
from tests.post import MailServer, certificate, deliver
from tests.worlds import person

HOST, PORT = "mail.example.com", 587


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.com", "mail.example.com", 587, True, False),
        ("smtp://mail.example.com:2525/", "mail.example.com", 2525, True, False),
        ("smtps://mail.example.com", "mail.example.com", 465, False, True),
        ("smtp+plain://localhost", "localhost", 25, False, False),
        ("smtp+plain://127.0.0.1:1025", "127.0.0.1", 1025, False, False),
        ("smtp+plain://[::1]:1025", "::1", 1025, False, False),
    ],
)
def test_addresses_of_servers(url, host, port, tls, ssl):
    read = smtp.settings(url, Path("/x"))
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"]) == (host, port)
    assert (read["EMAIL_USE_TLS"], read["EMAIL_USE_SSL"], read["EMAIL_TIMEOUT"]) == (tls, ssl, 10)


def test_a_password_with_signs():
    read = smtp.settings("smtp://post%40example.com:p%2Fw%40%3A@outbox.example.com", Path("/x"))
    assert (read["EMAIL_HOST_USER"], read["EMAIL_HOST_PASSWORD"]) == ("post@example.com", "p/w@:")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://user:hunter2secret@",
        "smtp://user:hunter2secret@host:port",
        "smtp://user:hunter2secret@host:70000",
        "smtp://user:hunter2secret/x@host",
        "smtp://user:hunter2secret@host?x",
        "smtp+plain://user:hunter2secret@outbox.example.com",
        "smtp+plain://192.0.2.1",
        "smtp://[::1",
    ],
)
def test_a_bad_one_is_one_clear_sentence_without_the_password(url):
    with pytest.raises(ValueError, match="PARLEY_EMAIL_URL") as refused:
        smtp.settings(url, Path("/x"))
    assert "hunter2secret" not in str(refused.value)


@given(st.text(max_size=60))
def test_whatever_is_written_is_read_or_refused_with_a_sentence(url):
    said = "PARLEY_EMAIL_URL"
    try:
        smtp.settings(url, Path("/x"))
    except ValueError as error:
        said = str(error)
    assert said.startswith("PARLEY_EMAIL_URL")


@pytest.mark.parametrize(
    ("name", "value"), [("PARLEY_EMAIL_URL", "smtp://u:hunter2secret@:0x"), ("PARLEY_URL", "chat.example.com/x")]
)
def test_a_command_ends_with_the_sentence(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    done = subprocess.run([sys.executable, "manage.py", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(name)
    assert len(done.stderr.splitlines()) == 1
    assert "hunter2secret" not in done.stderr


def test_starttls_and_a_password(tmp_path, monkeypatch, settings):
    path, context = certificate(tmp_path)
    server = MailServer(context, password="p/w@:")
    try:
        for name, value in smtp.settings(f"smtp://post:p%2Fw%40%3A@localhost:{server.port}", tmp_path).items():
            setattr(settings, name, value)
        with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
            EmailMessage("x", "y", to=["a@example.org"], connection=get_connection()).send()
        assert server.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        delivery.send("a@example.org", "Subject with ü", "Body with ü\n.\nand a dot", "reset", uuid4())
        assert "STARTTLS" in server.commands
        assert server.commands.index("STARTTLS") < server.commands.index("AUTH")
        (sent,) = server.to("a@example.org")
        assert sent["Subject"] == "Subject with ü"
        assert sent.get_content() == "Body with ü\n.\nand a dot\n"
        assert sent["Auto-Submitted"] == "auto-generated"
    finally:
        server.stop()


def test_without_a_server_mails_are_files_that_nobody_else_reads(settings, tmp_path, caplog):
    delivery._make_folder.cache_clear()
    for name, value in smtp.settings("", tmp_path / "mail").items():
        setattr(settings, name, value)
    with caplog.at_level(logging.WARNING):
        delivery.send("a@example.org", "Hello", "b", "reset", uuid4())
        delivery.send("b@example.org", "Hello", "b", "reset", uuid4())
    delivery._make_folder.cache_clear()
    assert sum("PARLEY_EMAIL_URL is not set" in record.message for record in caplog.records) == 1
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700
    assert "".join(file.read_text() for file in (tmp_path / "mail").iterdir()).count("Subject: Hello") == 2


def test_mails_that_are_files_go_after_a_month(settings, tmp_path):
    settings.MAIL_FOLDER = tmp_path / "mail"
    tasks.forget_mailed_links()  # there is no folder, and nothing to do
    for name, value in smtp.settings("", settings.MAIL_FOLDER).items():
        setattr(settings, name, value)
    delivery._make_folder.cache_clear()
    delivery.send("old@example.org", "Hello", "b", "reset", uuid4())
    delivery._make_folder.cache_clear()
    (old,) = settings.MAIL_FOLDER.iterdir()
    month = timedelta(days=30).total_seconds()
    young, other = old.with_name("young.log"), old.with_name("notes.txt")
    for file, age_s in ((old, month + 60), (young, month - 3600), (other, month + 60)):
        file.touch()
        os.utime(file, (time.time() - age_s,) * 2)
    tasks.forget_mailed_links()
    assert set(settings.MAIL_FOLDER.iterdir()) == {young, other}


def test_nothing_is_sent_before_the_commit_or_after_a_rollback(post):
    alice = person("alice")
    with transaction.atomic():
        outbox.post("password_changed", alice.email, user=alice, address="192.0.2.1")
        assert deliver() == 0
    assert deliver() == 1
    with transaction.atomic():
        outbox.post("password_changed", alice.email, user=alice, address="192.0.2.1")
        transaction.set_rollback(True)
    assert deliver() == 0


def test_names_are_as_they_are_and_break_no_header(post):
    alice = person("alice", name="A <b> & 'c'")
    outbox.post("password_changed", alice.email, user=alice, address="")
    deliver()
    assert "Hello A <b> & 'c'," in post.to(alice.email)[0].get_content()


@pytest.mark.parametrize(
    "template", sorted(path.stem for path in Path("templates/mail").glob("*.txt") if path.stem != "base")
)
def test_each_mail_is_whole(template, post):
    alice = person("alice")
    context: dict[str, Any] = {
        "user": alice,
        "inviter": alice,
        "link": "https://x/reset/y",
        "reset": "https://x/reset/",
        "days": 7,
    }
    outbox.post(
        template, alice.email, address="192.0.2.1", email="new@example.org", before="old@example.org", **context
    )
    deliver()
    (sent,) = post.mails
    body = sent.get_content()
    assert sent["Subject"]
    assert "Parley" in sent["Subject"] + body
    assert not re.search(r"[{}]|&#|&amp;|\n\n\n", body)
    assert all(len(line) < 200 for line in body.splitlines())
