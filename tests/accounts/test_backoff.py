"""Guessing takes ever longer, and nobody shuts out somebody else by it."""

import re
import secrets
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.access import backoff, devices
from accounts.models import DeviceSession, User
from accounts.tasks import clear_expired_sessions
from tests.worlds import PASSWORD, person

MALLORYS, ALICES = "203.0.113.66", "192.0.2.7"


@pytest.fixture(autouse=True)
def _nothing_counted():
    AccessAttempt.objects.all().delete()


def _alice() -> User:
    return person("alice", password=PASSWORD)


def _try(name: str, password: str, address: str = MALLORYS, client: Client | None = None, **extra: Any):
    client = client or Client()
    return client.post("/signin/", {"username": name, "password": password}, REMOTE_ADDR=address, **extra)


def _guess(name: str, times: int, address: str = MALLORYS) -> list[int]:
    return [_try(name, f"guess {nth}", address).status_code for nth in range(times)]


def _later(seconds: float) -> None:
    """Let time pass for what is counted."""
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(seconds=seconds))


def _next_too_soon() -> None:
    """Let the last try have been this moment, however slow the machine is."""
    AccessAttempt.objects.update(attempt_time=timezone.now() + timedelta(seconds=30))


def _guess_too_often(name: str, free: int = 5, **how: Any) -> None:
    """Guess as often as is free, and once more."""
    for nth in range(free):
        assert _try(name, f"guess {nth}", **how).status_code == 401
    _next_too_soon()
    assert _try(name, "guess", **how).status_code == 429


def _hammer(name: str, address: str = MALLORYS) -> None:
    """Guess until there is the longest wait."""
    assert _guess(name, 1, address) == [401]
    AccessAttempt.objects.update(failures_since_start=40)
    assert _guess(name, 1, address) == [429]


def test_after_five_wrong_ones_each_takes_twice_as_long_as_the_one_before():
    alice = _alice()
    _guess_too_often(alice.username)
    _later(30)
    for wait_s in (1, 2, 4, 8):
        _later(-600)
        refused = _try(alice.username, "guess")
        assert refused.status_code == 429
        assert 580 + wait_s < int(refused["Retry-After"]) <= 600 + wait_s
        _later(600 + wait_s)
        assert _try(alice.username, "guess").status_code == 401
    _next_too_soon()
    page = _try(alice.username, "guess").content.decode()
    assert "too many wrong passwords" in page
    assert "wait 46 seconds" in page or "wait 45 seconds" in page


def test_the_right_one_waits_too_and_then_all_is_forgotten():
    alice = _alice()
    _guess_too_often(alice.username)
    assert _try(alice.username, PASSWORD).status_code == 429
    _later(31)
    assert _try(alice.username, PASSWORD).status_code == 302
    assert _guess(alice.username, 5) == [401] * 5


def test_what_is_refused_is_not_counted_and_the_longest_wait_is_a_quarter_of_an_hour():
    alice = _alice()
    _hammer(alice.username)
    before = list(AccessAttempt.objects.values_list("failures_since_start", flat=True))
    assert _guess(alice.username, 30) == [429] * 30
    assert list(AccessAttempt.objects.values_list("failures_since_start", flat=True)) == before
    assert 0 < int(_try(alice.username, PASSWORD)["Retry-After"]) <= 900


@pytest.mark.parametrize("known", ["address", "device", "neither"])
def test_mallory_shuts_alice_out_of_nowhere(known):
    """Alice comes from an address of her own, whether it is known or not, or with her device from mallory's."""
    alice = _alice()
    client = Client()
    if known != "neither":
        assert _try(alice.username, PASSWORD, ALICES, client).status_code == 302
    if known == "address":
        client = Client()
    _hammer(alice.username)
    from_where = MALLORYS if known == "device" else ALICES
    if known == "device":
        client.cookies.pop("sessionid")
    assert _try(alice.username, PASSWORD, from_where, client).status_code == 302


def test_who_sprays_names_is_slowed_at_the_address_and_those_known_there_are_not():
    alice, bob = _alice(), person("bob", password=PASSWORD)
    assert _try(alice.username, PASSWORD, MALLORYS).status_code == 302  # the office has one address
    assert _guess(secrets.token_hex(6), 1) == [401]
    AccessAttempt.objects.filter(username="").update(failures_since_start=19)
    assert _guess(secrets.token_hex(6), 1) == [401]
    _next_too_soon()
    assert _guess(secrets.token_hex(6), 1) == [429]
    assert _try(bob.username, PASSWORD, MALLORYS).status_code == 429
    assert _try(bob.username, PASSWORD, ALICES).status_code == 302
    assert _try(alice.username, PASSWORD, MALLORYS).status_code == 302


def test_signing_in_as_oneself_between_guesses_does_not_help():
    alice, mallory = _alice(), person("mallory", password=PASSWORD)
    _guess(secrets.token_hex(6), 1)
    AccessAttempt.objects.filter(username="").update(failures_since_start=20)
    _later(1)
    assert _try(mallory.username, PASSWORD).status_code == 302
    _next_too_soon()
    assert _try(alice.username, "guess").status_code == 429  # twenty failures of the address


def test_many_at_once_gain_nothing():
    alice = _alice()
    codes: list[int] = []

    def guess() -> None:
        codes.append(_try(alice.username, "guess").status_code)
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(401) <= 8  # a second later the sixth may come, on a slow machine
    assert codes.count(401) + codes.count(429) == 16


def test_somebody_unknown_is_answered_the_same():
    alice = _alice()
    answers = {}
    for name in (alice.username, "nobody-of-this-name"):
        AccessAttempt.objects.all().delete()
        codes = _guess(name, 5)
        _next_too_soon()
        refused = _try(name, "guess")
        text = refused.content.decode().replace(name, "NAME").replace(str(refused.context["csrf_token"]), "TOKEN")
        answers[name] = (codes, refused.status_code, re.sub(r"wait \d+", "wait", text))
    one, other = answers.values()
    assert one == other


def test_name_and_address_of_one_account_are_counted_together():
    alice = _alice()
    assert _guess(alice.username, 3) + _guess(alice.email.upper(), 2) == [401] * 5
    _next_too_soon()
    assert _guess(alice.email, 1) + _guess(alice.username, 1) == [429] * 2


def test_a_subscriber_s_ipv6_addresses_are_one():
    alice = _alice()
    codes = [_try(alice.username, "guess", f"2001:db8:1:2::{nth:x}").status_code for nth in range(1, 6)]
    assert codes == [401] * 5
    _next_too_soon()
    assert _try(alice.username, "guess", "2001:db8:1:2:ffff::").status_code == 429
    assert _try(alice.username, "guess", "2001:db8:1:3::1").status_code == 401
    assert _try(alice.username, "guess", "::ffff:192.0.2.9").status_code == 401
    assert backoff.counted("2001:db8:1:2:3::4") == "2001:db8:1:2::"
    assert backoff.counted("192.0.2.9") == "192.0.2.9"


def test_a_forged_forwarding_is_another_address_only_behind_a_declared_proxy(settings):
    alice = _alice()
    codes = [_try(alice.username, "x", HTTP_X_FORWARDED_FOR=f"198.51.100.{nth}").status_code for nth in range(5)]
    assert codes == [401] * 5
    _next_too_soon()
    assert _try(alice.username, "x", HTTP_X_FORWARDED_FOR="198.51.100.99").status_code == 429
    AccessAttempt.objects.all().delete()
    settings.IS_BEHIND_PROXY = True
    forged = [f"198.51.100.{nth}, {MALLORYS}" for nth in range(6)]
    codes = [_try(alice.username, "x", "127.0.0.1", HTTP_X_FORWARDED_FOR=each).status_code for each in forged[:5]]
    assert codes == [401] * 5
    _next_too_soon()
    assert _try(alice.username, "x", "127.0.0.1", HTTP_X_FORWARDED_FOR=forged[5]).status_code == 429
    assert _try(alice.username, "x", "127.0.0.1", HTTP_X_FORWARDED_FOR=ALICES).status_code == 401


def test_a_device_that_is_known_for_another_is_a_stranger_s():
    alice, mallory = _alice(), person("mallory", password=PASSWORD)
    client = Client()
    assert _try(mallory.username, PASSWORD, client=client).status_code == 302
    client.cookies.pop("sessionid")
    _guess_too_often(alice.username, client=client)
    forged = Client()
    forged.cookies["device"] = f"name:{alice.pk}"
    assert _try(alice.username, "guess", client=forged).status_code == 429


def test_a_device_is_known_for_ninety_days(settings, monkeypatch):
    alice = _alice()
    client = Client()
    assert _try(alice.username, PASSWORD, client=client).status_code == 302
    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["max-age"] == 90 * 24 * 3600
    request = RequestFactory().get("/")
    request.COOKIES[settings.DEVICE_COOKIE_NAME] = cookie.value
    now = time.time()
    for days, is_known in ((0, True), (89, True), (91, False)):
        with monkeypatch.context() as later:
            later.setattr(time, "time", lambda days=days: now + days * 24 * 3600)
            assert bool(devices.known_as(request, alice.pk)) == is_known


@pytest.mark.parametrize(("days", "status"), [(89, 302), (91, 429)])
def test_an_address_is_one_s_own_for_ninety_days(days, status):
    alice, bob = _alice(), person("bob", password=PASSWORD)
    for each in (alice, bob):
        assert _try(each.username, PASSWORD, MALLORYS).status_code == 302
    DeviceSession.objects.filter(user=alice).update(last_used_at=timezone.now() - timedelta(days=days))
    _guess(secrets.token_hex(6), 1)
    AccessAttempt.objects.filter(username="").update(failures_since_start=40)
    _next_too_soon()
    assert _try(alice.username, PASSWORD, MALLORYS).status_code == status
    assert _try(bob.username, PASSWORD, MALLORYS).status_code == 302


def test_a_stolen_device_is_slowed_as_well_and_by_itself():
    alice = _alice()
    client, other = Client(), Client()
    for each in (client, other):
        assert _try(alice.username, PASSWORD, ALICES, each).status_code == 302
        each.cookies.pop("sessionid")
    _guess_too_often(alice.username, 10, address=ALICES, client=client)
    assert _try(alice.username, PASSWORD, ALICES, other).status_code == 302


def test_nothing_that_was_typed_is_kept():
    _try("my password in the wrong field", "my secret guess")
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(a)::text from axes_accessattempt a")
        kept = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("select (select count(*) from axes_accesslog) + (select count(*) from axes_accessfailurelog)")
        assert cursor.fetchone() == (0,)
    assert kept
    assert "secret" not in kept
    assert "wrong field" not in kept


def test_counts_without_force_are_deleted():
    _guess("somebody", 1)
    clear_expired_sessions()
    assert AccessAttempt.objects.exists()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(hours=25))
    assert _try("somebody", "guess").status_code == 401
    assert set(AccessAttempt.objects.values_list("failures_since_start", flat=True)) == {1}
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(hours=25))
    clear_expired_sessions()
    assert not AccessAttempt.objects.exists()
