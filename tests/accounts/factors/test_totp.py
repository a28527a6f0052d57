"""Codes of authenticator apps: RFC 6238, once each, and slower after each wrong one."""

import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.factors import authenticator, codes, owned, recovery, totp
from accounts.models import AuthenticatorApp
from accounts.refusal import Refusal
from audit.models import Entry
from tests.accounts.factors.doors import APP_SECRET, code, give_app, member, wrong_code
from tests.worlds import acting, person

#: RFC 6238, appendix B, SHA-1: of the eight digits there, six are the last ones.
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("at", "digits"), VECTORS)
def test_the_vectors_of_the_rfc(at, digits):
    assert totp.code_at(APP_SECRET, at) == digits[-6:]
    assert totp.matching_step(APP_SECRET, digits[-6:], after=0, now=at) == at // 30
    assert totp.matching_step(APP_SECRET, digits[-6:], after=at // 30, now=at) is None


@pytest.mark.parametrize(("off", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_wrong_by_one_step(off, counts):
    now = 1111111109
    given = totp.code_at(APP_SECRET, now + off * 30)
    assert (totp.matching_step(APP_SECRET, given, after=0, now=now) is not None) is counts


def test_the_address_that_an_app_reads():
    address = totp.address(APP_SECRET, "alice", "Open Commons: chat")
    assert address == (
        "otpauth://totp/Open%20Commons%3A%20chat%3Aalice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Open%20Commons%3A%20chat&algorithm=SHA1&digits=6&period=30"
    )


def test_it_counts_only_once_a_code_has_confirmed_it():
    alice = person("alice")
    device = authenticator.begin(acting(alice), alice)
    assert not owned.has_any(alice)
    with pytest.raises(Refusal, match="not the code of now") as refused:
        authenticator.confirm(acting(alice), alice, wrong_code(device.secret), "")
    assert refused.value.field == "code"
    assert not owned.has_any(alice)
    AuthenticatorApp.objects.filter(pk=device.pk).update(throttling_failure_timestamp=None)
    authenticator.confirm(acting(alice), alice, code(device.secret), "  Phone \n of  mine ")
    assert [app.name for app in owned.of(alice).apps] == ["Phone of mine"]


def test_what_was_not_confirmed_is_replaced():
    alice = person("alice")
    first = authenticator.begin(acting(alice), alice).secret
    second = authenticator.begin(acting(alice), alice).secret
    assert first != second
    assert AuthenticatorApp.objects.filter(user=alice).count() == 1


def test_a_code_counts_once_and_those_before_it_never_again():
    alice = person("alice")
    device = give_app(alice)
    now = int(time.time()) // totp.STEP_S
    codes.take(alice, code(), with_recovery=False)
    device.refresh_from_db()
    assert device.last_step >= now
    for steps in (0, -1):
        AuthenticatorApp.objects.filter(pk=device.pk).update(throttling_failure_timestamp=None)
        with pytest.raises(codes.Wrong):
            codes.take(alice, totp.code_at(APP_SECRET, device.last_step * 30 + steps * 30), with_recovery=False)


@pytest.mark.parametrize(("failures", "wait_s"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (40, 300)])
def test_after_each_wrong_code_one_waits_longer_and_never_for_good(failures, wait_s):
    last = timezone.now() + timedelta(minutes=4)
    device = AuthenticatorApp(throttling_failure_count=failures, throttling_failure_timestamp=last)
    allowed, why = device.verify_is_allowed()
    assert why is not None
    assert not allowed
    assert why["locked_until"] - last == timedelta(seconds=wait_s)
    device.throttling_failure_timestamp = timezone.now() - timedelta(seconds=wait_s)
    assert device.verify_is_allowed()[0]


def test_even_the_right_code_waits():
    alice = person("alice")
    give_app(alice)
    with pytest.raises(codes.Wrong):
        codes.take(alice, wrong_code(), with_recovery=False)
    AuthenticatorApp.objects.filter(user=alice).update(
        throttling_failure_count=5, throttling_failure_timestamp=timezone.now()
    )
    with pytest.raises(Refusal, match=r"Wait \d+ seconds") as refused:
        codes.take(alice, code(), with_recovery=False)
    assert refused.value.code == "rate_limited"


def test_the_code_of_one_app_counts_nothing_against_another():
    alice = person("alice")
    first, second = give_app(alice), give_app(alice, b"another secret of 20", "Tablet")
    assert codes.take(alice, code(b"another secret of 20"), with_recovery=False).pk == second.pk
    first.refresh_from_db()
    assert first.throttling_failure_count == 0


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34", "x" * 5000])
def test_what_is_no_code_is_not_tried(given):
    alice = person("alice")
    device = give_app(alice)
    with pytest.raises(Refusal, match="Type the six digits") as refused:
        codes.take(alice, given, with_recovery=True)
    assert not isinstance(refused.value, codes.Wrong)
    device.refresh_from_db()
    assert device.throttling_failure_count == 0


def test_spaces_in_a_code_are_no_fault():
    alice = person("alice")
    give_app(alice)
    now = code()
    assert codes.take(alice, f" {now[:3]} {now[3:]} ", with_recovery=False).user_id == alice.pk


def test_nobody_sets_up_without_having_shown_who_it_is():
    alice = person("alice")
    for deed in (
        lambda stale: authenticator.begin(stale, alice),
        lambda stale: authenticator.confirm(stale, alice, code(), ""),
    ):
        with pytest.raises(Refusal) as refused:
            deed(acting(alice, is_stepped_up=False))
        assert refused.value.code == "step_up"
    assert not AuthenticatorApp.objects.filter(user=alice).exists()


def test_ten_factors_are_enough():
    alice = member("alice")
    for number in range(10):
        with transaction.atomic():
            device = AuthenticatorApp(user=alice, name=str(number), confirmed=True)
            device.keep(APP_SECRET)
            device.save()
    with pytest.raises(Refusal, match="10 factors already"):
        authenticator.begin(acting(alice), alice)


def test_the_secret_is_nowhere_in_its_row():
    alice = person("alice")
    device = give_app(alice)
    with connection.cursor() as cursor:
        cursor.execute("select f::text, sealed from factor_app f where id = %s", [device.pk])
        row, sealed = cursor.fetchone()
    text = totp.text(APP_SECRET)
    for clear in (APP_SECRET, text.encode(), APP_SECRET.hex().encode()):
        assert clear not in bytes(sealed)
        assert clear.decode() not in row
    assert device.secret == APP_SECRET


def test_a_wrong_code_is_counted_and_a_right_one_forgets_the_count():
    alice = person("alice")
    device = give_app(alice)
    with pytest.raises(codes.Wrong):
        codes.take(alice, wrong_code(), with_recovery=False)
    device.refresh_from_db()
    assert device.throttling_failure_count == 1
    AuthenticatorApp.objects.filter(pk=device.pk).update(throttling_failure_timestamp=None)
    codes.take(alice, code(), with_recovery=False)
    device.refresh_from_db()
    assert device.throttling_failure_count == 0


def test_one_is_removed_only_after_stepping_up_and_recovery_codes_go_with_the_last():
    alice = person("alice")
    device = give_app(alice)
    recovery.renew(acting(alice), alice)
    with pytest.raises(Refusal) as late:
        owned.remove(acting(alice, is_stepped_up=False), alice, "app", device.pk)
    assert late.value.code == "step_up"
    with pytest.raises(Refusal, match="not there"):
        owned.remove(acting(alice), alice, "app", device.pk + 1000)
    owned.remove(acting(alice), alice, "app", device.pk)
    assert owned.of(alice) == ([], [], 0)
    entry = Entry.objects.get(target=f"user:{alice.pk}", verb="factor.remove")
    assert (entry.actor_id, entry.before["factor"]) == (alice.pk, "app")
