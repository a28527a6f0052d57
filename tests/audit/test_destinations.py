"""Checkpoints leave the host, each by its protocol, to a server that speaks it."""

import email
import re
import socket
import ssl

import pytest
from django.conf import settings as configured

from audit import checkpoint, destinations
from audit.destinations import BadDestination
from audit.destinations.destination import Undelivered
from audit.destinations.webhook import SIGNATURE_HEADER
from tests.audit import receivers
from tests.audit.receivers import Authority
from tests.audit.trails import deeds, saved


@pytest.fixture
def authority(tmp_path, settings):
    made = Authority.make(tmp_path)
    settings.CHECKPOINTS_CA = str(made.ca)
    return made


@pytest.fixture(scope="module")
def known():
    deeds()
    return saved()


def _to(url: str):
    (destination,) = destinations.parse(url)
    return destination


_RFC5424 = re.compile(
    rb"<109>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)) "
    rb"[\x21-\x7e]{1,255} parley \d{1,128} checkpoint - (.*)"
)


def test_syslog_over_tls(authority, known):
    with receivers.syslog(authority) as receiver:
        for _ in range(2):
            _to(f"syslog+tls://localhost:{receiver.port}").deliver(known)
    assert len(receiver.received) == 2
    for message in receiver.received:
        parts = _RFC5424.fullmatch(message)
        assert parts is not None
        assert checkpoint.parse(parts[2].decode()) == known


def test_syslog_to_a_server_with_another_certificate_is_refused(authority, known, settings):
    with receivers.syslog(authority) as receiver:
        with pytest.raises(ssl.SSLCertVerificationError):
            _to(f"syslog+tls://127.0.0.1:{receiver.port}").deliver(known)
        settings.CHECKPOINTS_CA = None
        with pytest.raises(ssl.SSLCertVerificationError):
            _to(f"syslog+tls://localhost:{receiver.port}").deliver(known)
    assert receiver.received == []


def test_a_webhook_over_tls_gets_the_document_and_its_signature(authority, known):
    with receivers.web(authority) as receiver:
        _to(f"https://localhost:{receiver.port}/take?from=parley").deliver(known)
    (body,) = receiver.received
    got = checkpoint.parse(body.decode())
    assert (got, got.is_authentic()) == (known, True)
    assert receiver.headers[0][SIGNATURE_HEADER] == f'keyid="{known.fingerprint}", ed25519="{known.signature}"'


def test_a_webhook_with_another_certificate_is_refused(authority, known, settings):
    settings.CHECKPOINTS_CA = None
    with receivers.web(authority) as receiver, pytest.raises(ssl.SSLCertVerificationError):
        _to(f"https://localhost:{receiver.port}/").deliver(known)
    assert receiver.received == []


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 500, 503])
def test_a_webhook_that_does_not_take_it_has_not_got_it_and_no_redirect_is_followed(known, status):
    with receivers.web(statuses=(status,)) as receiver, pytest.raises(Undelivered, match=str(status)):
        _to(f"http://127.0.0.1:{receiver.port}/").deliver(known)
    assert len(receiver.received) == 1


def test_what_answers_and_speaks_no_http_has_not_got_it(known):
    with receivers.smtp() as receiver, pytest.raises(Undelivered, match="does not speak HTTP"):
        _to(f"http://127.0.0.1:{receiver.port}/").deliver(known)


def test_a_file_gets_a_line(known, tmp_path):
    for _ in range(2):
        _to(f"file://{tmp_path}/check%20points").deliver(known)
    file = tmp_path / "check points"
    assert list(checkpoint.parse_lines(file.read_text().splitlines())) == [known, known]
    assert file.stat().st_mode & 0o007 == 0


def test_mail_carries_the_line(known, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with receivers.smtp() as receiver:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", receiver.port
        _to("mailto:officer@example.org").deliver(known)
    message = email.message_from_bytes(receiver.received[0])
    assert message["To"] == "officer@example.org"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert known.line() in payload.decode()


def test_nobody_there_is_an_error_of_the_system(known):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for url in (f"syslog+tls://127.0.0.1:{port}", f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/"):
        with pytest.raises(OSError, match="refused"):
            _to(url).deliver(known)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ftp://host/", "begins with none of"),
        ("host:6514", "begins with none of"),
        ("syslog+tls://", "must be syslog"),
        ("syslog+tls://host:6514/path", "must be syslog"),
        ("syslog+tls://host:many", "is no address"),
        ("http://example.org/hook", "in the clear"),
        ("https://", "must be https"),
        ("https://name:secret@example.org/", "holds a password"),
        ("https://example.org/\r\nHost: other", "must be https"),
        ("file:relative", "must be file"),
        ("file://host/path", "must be file"),
        ("file:///nowhere/at/all", "in a folder that is there"),
        ("mailto:officer", "must be mailto"),
        ("file:///tmp/ok, mailto:", "must be mailto"),
        ("https://[::1", "is no address"),
    ],
)
def test_a_bad_address_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(BadDestination, match=sentence) as refused:
        destinations.parse(text)
    assert str(refused.value).startswith("PARLEY_CHECKPOINTS_TO: ")
    assert "secret" not in str(refused.value)


def test_none_is_no_fault_and_several_are_read_in_their_order():
    assert destinations.parse(" , ") == []
    assert configured.CHECKPOINTS_TO == ""
    found = destinations.parse("mailto:a@example.org, https://example.org/x ,syslog+tls://host")
    assert [each.url for each in found] == ["mailto:a@example.org", "https://example.org/x", "syslog+tls://host"]
    assert [each.every_s for each in found] == [86400, 0, 0]
