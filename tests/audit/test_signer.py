"""The signing process: it signs what moved, keeps its key to itself, and tries until what it signed has arrived."""

import os
import signal
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.db.models import F

from audit import deliveries, destinations, keyring, signing
from audit.checkpoint import parse_lines
from audit.keyring import KeyFault
from audit.models import Checkpoint, Delivery, Entry, Key, Link
from audit.signer import Signer
from chatproject import places
from tests.audit import receivers
from tests.audit.database import Database
from tests.audit.trails import deeds, saved
from tests.parts import wait_until


def _due(url: str) -> None:
    """Let the time of the next attempt come."""
    Delivery.objects.using("audit").filter(destination=url).update(next_at=F("next_at") - timedelta(days=1))


def test_the_end_is_signed_where_it_moved():
    deeds()
    head = Link.objects.latest("seq")
    known = saved()
    assert (known.seq, known.entries, known.hash) == (head.seq, head.first + head.entries - 1, bytes(head.hash).hex())
    assert known.is_authentic()
    count = Checkpoint.objects.count()
    signing.sign(settings.TRAIL_KEY)
    assert Checkpoint.objects.count() == count


def test_the_key_is_the_signers_alone_and_named_on_the_trail():
    deeds()
    assert stat.S_IMODE(settings.TRAIL_KEY.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.TRAIL_KEY.parent.stat().st_mode) == 0o700
    first = Key.objects.earliest("id")
    entry = Entry.objects.filter(verb="trail.key").earliest("id")
    assert (entry.after["fingerprint"], entry.target) == (first.fingerprint, "trail")


def test_a_key_that_others_may_read_or_that_is_another_is_refused(tmp_path):
    deeds()
    other = tmp_path / "other.pem"
    keyring.make(other)
    with pytest.raises(KeyFault, match="is not the key that signs this trail"):
        signing.sign(other)
    other.chmod(0o640)
    with pytest.raises(KeyFault, match="can be read by others"):
        signing.sign(other)
    with pytest.raises(KeyFault, match="can't be read"):
        signing.sign(tmp_path / "missing.pem")
    other.write_text("nonsense")
    other.chmod(0o600)
    with pytest.raises(KeyFault, match="holds no private key"):
        signing.sign(other)


def test_a_rotation_cut_off_between_database_and_file_is_finished(monkeypatch):
    deeds()

    def interrupted(path):
        raise InterruptedError

    with monkeypatch.context() as cut:
        cut.setattr(keyring, "promote", interrupted)
        with pytest.raises(InterruptedError):
            signing.rotate(settings.TRAIL_KEY, {"command": "test"})
    newest = Key.objects.latest("id")
    assert keyring.draft_of(settings.TRAIL_KEY).exists()
    deeds()
    assert saved().fingerprint == newest.fingerprint
    assert not keyring.draft_of(settings.TRAIL_KEY).exists()


@pytest.mark.parametrize("role", ["app", "backup", "retention"])
def test_nobody_but_the_signer_writes_its_tables(role):
    with psycopg.connect(places.database_url(role) or "", autocommit=True) as connection:
        for statement in (
            "insert into audit_checkpoint (link_seq, fingerprint, line) values (0, '', '')",
            "insert into audit_key select * from audit_key limit 0",
            "insert into audit_delivery select * from audit_delivery limit 0",
            "update audit_delivery set delivered_at = now()",
            "delete from audit_checkpoint",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_checkpoint set line = ''",
        "delete from audit_checkpoint",
        "update audit_key set endorsement = null",
        "delete from audit_delivery",
        "update audit_delivery set checkpoint_id = 1",
        "delete from audit_entry",
        "insert into audit_link select * from audit_link limit 0",
        "delete from audit_verification",
    ],
)
def test_the_signer_adds_and_takes_nothing_back(statement):
    with connections["audit"].cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute(statement)


def test_a_checkpoint_is_tried_until_it_arrives_and_later_each_time():
    deeds()
    with receivers.web(statuses=(500, 503)) as receiver:
        (there,) = destinations.parse(f"http://127.0.0.1:{receiver.port}/")
        deliveries.promise(there)
        row = Delivery.objects.get(destination=there.url)
        waits = []
        for attempt in (1, 2):
            assert deliveries.deliver_due(there) == 0
            assert deliveries.deliver_due(there) == 0  # not due
            row.refresh_from_db()
            assert (row.attempts, row.delivered_at) == (attempt, None)
            assert row.error in {"it answered 500", "it answered 503"}
            with connections["audit"].cursor() as cursor:
                cursor.execute("SELECT extract(epoch FROM next_at - now()) FROM audit_delivery WHERE id = %s", [row.pk])
                waits.append(float(cursor.fetchone()[0]))
            _due(there.url)
        assert 0 < waits[0] <= deliveries.FIRST_PAUSE_S * 1.5
        assert waits[1] <= deliveries.FIRST_PAUSE_S * 3
        assert deliveries.deliver_due(there) == 1
        row.refresh_from_db()
        assert (row.attempts, row.error, row.delivered_at is None) == (3, "", False)
        deeds()
        deliveries.promise(there)
        deliveries.promise(there)
        assert deliveries.deliver_due(there) == 1
    assert len(set(receiver.received)) == 2


def test_mail_gets_the_newest_once_a_day():
    (there,) = destinations.parse("mailto:officer@example.org")
    deeds()
    deeds()
    deliveries.promise(there)
    newest = Checkpoint.objects.latest("id")
    assert [each.checkpoint_id for each in Delivery.objects.filter(destination=there.url)] == [newest.pk]
    deeds()
    deliveries.promise(there)
    assert Delivery.objects.filter(destination=there.url).count() == 1


def test_where_the_clock_is_set_back_nothing_waits_until_it_was_that_late_before():
    hour = timedelta(hours=1)
    deeds()
    with receivers.web(statuses=(500,)) as receiver:
        (there,) = destinations.parse(f"http://127.0.0.1:{receiver.port}/")
        deliveries.promise(there)
        Delivery.objects.using("audit").filter(destination=there.url).update(next_at=F("next_at") + hour)
        assert deliveries.deliver_due(there) == 0
        row = Delivery.objects.get(destination=there.url)
        assert row.attempts == 1
        assert deliveries.deliver_due(there) == 0  # not due
        row.refresh_from_db()
        assert row.attempts == 1
    (daily,) = destinations.parse("mailto:other@example.org")
    deliveries.promise(daily)
    (promised,) = Delivery.objects.filter(destination=daily.url)
    Checkpoint.objects.using("owner").filter(pk=promised.checkpoint_id).update(at=F("at") + hour)
    deeds()
    deliveries.promise(daily)
    assert Delivery.objects.filter(destination=daily.url).count() == 2


def test_a_destination_that_hangs_holds_up_neither_the_signing_nor_the_others(tmp_path):
    file = tmp_path / "checkpoints"
    with receivers.hanging() as receiver:
        there = destinations.parse(f"http://127.0.0.1:{receiver.port}/, file://{file}")
        signer = Signer(settings.TRAIL_KEY, there, every_s=0.05)
        running = threading.Thread(target=signer.run)
        running.start()
        wait_until(lambda: receiver.received, "the one that hangs")
        for _ in range(2):
            deeds()
            head = Link.objects.latest("seq").seq
            wait_until(partial(_names, file, head), "the next checkpoint")
        signer.stop()
        running.join(10)
    assert not running.is_alive()


def _names(file: Path, seq: int) -> bool:
    return file.exists() and f'"seq":{seq},' in file.read_text()


def test_the_process_signs_sends_and_ends_when_told(tmp_path):
    file = tmp_path / "checkpoints"
    environment = os.environ | {"PARLEY_CHECKPOINTS_TO": f"file://{file}", "PARLEY_CHECKPOINT_EVERY_S": "0.1"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "checkpoints"], cwd=places.ROOT, env=environment, stderr=subprocess.PIPE
    )
    wait_until(file.exists, "the first checkpoint")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, b"")


def test_a_bad_destination_ends_the_process_with_one_sentence():
    environment = os.environ | {"PARLEY_CHECKPOINTS_TO": "http://example.org/"}
    done = subprocess.run(
        [sys.executable, "manage.py", "checkpoints"],
        cwd=places.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "use https" in done.stderr


@pytest.mark.slow
def test_on_a_database_without_an_audit_role_the_application_signs_rotates_and_verifies(tmp_path):
    database, file = Database(), tmp_path / "checkpoints"
    environment = os.environ | database.cluster.environment(database.name)
    environment |= {"PARLEY_TRAIL_KEY": str(tmp_path / "key.pem"), "PARLEY_CHECKPOINTS_TO": f"file://{file}"}
    del environment["DATABASE_AUDIT_URL"]

    def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
        return subprocess.run(
            command, cwd=places.ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=60
        )

    manage("migrate", "--verbosity=0")
    process = subprocess.Popen([sys.executable, "manage.py", "checkpoints"], cwd=places.ROOT, env=environment)
    wait_until(file.exists, "the first checkpoint")
    process.terminate()
    assert process.wait(10) == 0
    (first,) = parse_lines(file.read_text().splitlines())
    assert manage("rotate_trail_key").stdout.strip() != first.fingerprint
    assert "The trail is whole." in manage("verify", str(file), "--fingerprint", first.fingerprint).stdout
    assert database.say("SELECT verb FROM audit_entry ORDER BY id") == [
        (verb,) for verb in ("trail.key", "trail.key", "trail.verify")
    ]
