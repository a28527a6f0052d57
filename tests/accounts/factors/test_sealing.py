"""Secrets of factors at rest: one key outside the database, that can be changed."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts import sealing
from accounts.factors import codes
from accounts.models import AuthenticatorApp
from accounts.refusal import Refusal
from audit.models import Entry
from tests.accounts.factors.doors import APP_SECRET, code, give_app
from tests.worlds import person


@pytest.fixture
def key_file(tmp_path: Path, settings) -> Path:
    path = settings.FACTORS_KEY = tmp_path / "keys" / "factors.key"
    AuthenticatorApp.objects.all().delete()  # sealed under another test's key
    return path


def seal(secret: bytes, bound_to: str) -> sealing.Sealed:
    with transaction.atomic():
        return sealing.seal(secret, bound_to)


def test_the_key_is_made_once_for_its_owner_alone(key_file):
    with ThreadPoolExecutor(4) as pool:
        boxes = list(pool.map(lambda number: _seal_elsewhere(str(number)), range(4)))
    assert len(key_file.read_text().split()) == 1
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert list(key_file.parent.iterdir()) == [key_file]
    assert [sealing.unseal(box, str(number)) for number, box in enumerate(boxes)] == [b"secret"] * 4


def _seal_elsewhere(bound_to: str) -> sealing.Sealed:
    try:
        return seal(b"secret", bound_to)
    finally:
        connection.close()


def test_one_secret_never_looks_the_same_twice(key_file):
    assert seal(APP_SECRET, "a").box != seal(APP_SECRET, "a").box


def test_what_was_sealed_for_one_opens_for_nobody_else(key_file):
    alice, mallory = person("alice"), person("mallory")
    device, other = give_app(alice), give_app(mallory, b"a secret of mallory's")
    # who can write to the database gives alice a secret that is known
    AuthenticatorApp.objects.filter(pk=device.pk).update(sealed=other.sealed, key_id=other.key_id)
    device.refresh_from_db()
    with pytest.raises(sealing.Unopenable):
        _ = device.secret
    with pytest.raises(codes.Wrong):
        codes.take(alice, code(b"a secret of mallory's"), with_recovery=False)


@pytest.mark.parametrize("at", [0, 11, 12, 20, -1])
def test_a_changed_byte_is_noticed(key_file, at):
    key_id, box = seal(APP_SECRET, "a")
    changed = bytearray(box)
    changed[at] ^= 1
    with pytest.raises(sealing.Unopenable):
        sealing.unseal(sealing.Sealed(key_id, bytes(changed)), "a")


def test_without_its_key_nothing_opens(key_file):
    alice = person("alice")
    give_app(alice)
    key_file.unlink()
    with pytest.raises(codes.Wrong):
        codes.take(alice, code(), with_recovery=False)


def test_the_key_is_changed_and_nobody_notices(key_file):
    alice = person("alice")
    device = give_app(alice)
    before, old = device.key_id, key_file.read_text()
    said = StringIO()
    call_command("rotate_factors_key", stdout=said)
    assert said.getvalue() == "2 secrets are sealed under a new key.\n"  # the mail that tells of the app is one
    device.refresh_from_db()
    assert device.key_id != before
    assert old.strip() not in key_file.read_text()
    assert len(key_file.read_text().split()) == 1
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert codes.take(alice, code(), with_recovery=False).pk == device.pk
    entry = Entry.objects.filter(verb="seal.rotate").latest("pk")
    assert entry.after == {"count": 2, "fingerprint": device.key_id}


def test_an_app_that_can_t_be_opened_hinders_no_rotation(key_file, caplog):
    alice, bob = person("alice"), person("bob")
    lost, device = give_app(alice), give_app(bob)
    AuthenticatorApp.objects.filter(pk=lost.pk).update(key_id="gone")
    before = key_file.read_text()
    call_command("rotate_factors_key", stdout=StringIO())
    assert f"factor_app {lost.pk} can't be sealed anew" in caplog.text
    assert before.strip() not in key_file.read_text()
    assert codes.take(bob, code(), with_recovery=False).pk == device.pk


def test_a_rotation_that_breaks_off_loses_nothing(key_file):
    alice = person("alice")
    device = give_app(alice)

    with pytest.raises(InterruptedError):
        _break_off()
    assert len(key_file.read_text().split()) == 2
    assert device.secret == APP_SECRET
    call_command("rotate_factors_key", stdout=StringIO())
    device.refresh_from_db()
    assert device.secret == APP_SECRET
    assert len(key_file.read_text().split()) == 1


@transaction.atomic
def _break_off() -> None:
    sealing.begin_rotation()
    raise InterruptedError


def test_a_rotation_that_ends_leaves_keys_to_one_that_began_meanwhile(key_file):
    with transaction.atomic():
        first = sealing.begin_rotation()
    under_first = seal(b"secret", "a")
    with transaction.atomic():
        second = sealing.begin_rotation()
    with transaction.atomic():
        sealing.end_rotation(first)
    assert sealing.unseal(under_first, "a") == b"secret"
    with transaction.atomic():
        sealing.end_rotation(second)
    assert len(key_file.read_text().split()) == 1


def test_nobody_seals_while_the_key_is_changed(key_file):
    is_begun, box = threading.Event(), []

    def seal_meanwhile() -> None:
        is_begun.wait(10)
        box.append(_seal_elsewhere("a"))

    thread = threading.Thread(target=seal_meanwhile)
    thread.start()
    with transaction.atomic():
        new = sealing.begin_rotation()
        is_begun.set()
        with connection.cursor() as cursor:
            _wait_for_a_waiter(cursor)
        assert box == []
    thread.join()
    assert box[0].key_id == new


def _wait_for_a_waiter(cursor) -> None:
    for _ in range(2000):
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        if cursor.fetchone()[0]:
            return
    raise AssertionError("nobody waits for the rotation")


def test_a_refusal_names_no_secret(key_file):
    alice = person("alice")
    give_app(alice)
    with pytest.raises(Refusal) as refused:
        codes.take(alice, "000000", with_recovery=False)
    assert "12345678901234567890" not in str(refused.value)
