"""The machine's clock jumps by an hour: what counts for minutes counts no longer, and nobody is shut out or lost."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.cache import cache
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import actor, clock, counts, rights, tasks
from accounts.access import refused, tokens
from accounts.actor import STEPPED_UP_AT
from accounts.authority import grants, roles
from accounts.factors import challenge, stepup
from accounts.mail import sending
from accounts.models import AuthenticatorApp, Grant, OutgoingMail, Passkey, Token
from accounts.people import muting
from audit.models import Entry
from tests.accounts.factors.doors import browser, code, give_app, is_in, member, password
from tests.accounts.factors.keyring import give_passkey, options, sign_in, visitor
from tests.accounts.outgoing import posted
from tests.worlds import PASSWORD, acting, person

HOUR_S = 3600.0


class Clocks:
    """The machine's clock as it may be set, and the one that nobody sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.set_by_s = self.passed_s = 0.0
        now, running_s = time.time, clock._running_s
        monkeypatch.setattr(time, "time", lambda: now() + self.passed_s + self.set_by_s)
        monkeypatch.setattr(clock, "_running_s", lambda: running_s() + self.passed_s)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


@pytest.mark.parametrize(("set_by_s", "age_s"), [(0, 60), (-HOUR_S, 60), (HOUR_S, HOUR_S + 60), (-30, 60)])
def test_an_age_is_the_longer_of_what_two_clocks_tell(clocks: Clocks, set_by_s: float, age_s: float) -> None:
    made = clock.mark()
    clocks.passed_s, clocks.set_by_s = 60, set_by_s
    assert age_s <= clock.age_s(made) < age_s + 1
    assert clock.age_s(list(made)) == pytest.approx(age_s, abs=1)  # as a session gives it back


@given(set_by_s=st.floats(-1e7, 1e7), passed_s=st.floats(0, 1e6))
def test_nothing_is_younger_than_the_clock_that_nobody_sets_tells(set_by_s: float, passed_s: float) -> None:
    with pytest.MonkeyPatch.context() as patched:
        clocks = Clocks(patched)
        made = clock.mark()
        clocks.passed_s, clocks.set_by_s = passed_s, set_by_s
        assert clock.age_s(made) >= passed_s


@pytest.mark.parametrize(("set_by_s", "is_known"), [(0, True), (-3, True), (-HOUR_S, False)])
def test_of_another_host_the_machines_clock_alone_counts(clocks: Clocks, set_by_s: float, is_known: bool) -> None:
    """Hosts differ by seconds; what is of the future by more is over."""
    at, _boot, running_s = clock.mark()
    clocks.set_by_s = set_by_s
    assert (clock.age_s((at, "another", running_s)) < 1) is is_known
    assert (clock.age_s((at, "", running_s)) < 1) is is_known


@pytest.mark.parametrize("kept", [None, "", "2026-11-25T12:00:00+00:00", 5.0, [1.0], [None, "", 0.0], {}])
def test_what_is_no_mark_is_as_old_as_can_be(kept: object) -> None:
    assert clock.age_s(kept) == float("inf")
    assert clock.at(kept) is None


def test_having_shown_ones_factors_counts_for_ten_minutes_whatever_is_set(clocks: Clocks) -> None:
    client = browser(member("alice"))
    session = client.session
    stepup.mark(session)
    session.save()
    kept = client.session[STEPPED_UP_AT]
    for passed_s, set_by_s, counts_still in [(0, -HOUR_S, True), (590, -HOUR_S, True), (601, -HOUR_S, False)]:
        clocks.passed_s, clocks.set_by_s = passed_s, set_by_s
        made_at = clock.at(kept)
        assert replace(acting(person("bob")), stepped_up_at=made_at).has_stepped_up is counts_still


def test_having_shown_them_in_the_future_does_not_count() -> None:
    who = acting(person("alice"))
    assert replace(who, stepped_up_at=timezone.now()).has_stepped_up
    assert not replace(who, stepped_up_at=timezone.now() + timedelta(minutes=30)).has_stepped_up


def test_a_challenge_and_a_second_step_last_five_minutes_whatever_is_set(clocks: Clocks) -> None:
    session = SessionStore()
    for passed_s, lasts in [(290, True), (310, False)]:
        clocks.passed_s = clocks.set_by_s = 0
        challenge.make(session, "add")
        clocks.passed_s, clocks.set_by_s = passed_s, -HOUR_S
        assert (challenge.use(session, "add") is not None) is lasts
    alice = member("alice")
    give_app(alice)
    clocks.passed_s = clocks.set_by_s = 0
    client = Client()
    password(client, alice)
    clocks.passed_s, clocks.set_by_s = 310, -HOUR_S
    assert client.post("/signin/second/", {"code": code()})["Location"] == "/signin/"
    assert not is_in(client)


def test_a_visitors_challenge_is_none_that_was_made_in_the_future(clocks: Clocks, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    key = give_passkey(member("alice"))
    client = visitor()
    clocks.set_by_s = HOUR_S
    shown = key.show(options(client, "signin"))
    clocks.set_by_s = 0
    assert sign_in(client, shown).status_code == 401
    assert sign_in(client, key.show(options(client, "signin"))).status_code == 302


def test_an_answered_challenge_stays_answered(clocks: Clocks) -> None:
    passkey = Passkey()
    assert passkey.spend(b"first")
    clocks.passed_s = 900
    assert passkey.spend(b"second")
    clocks.set_by_s = -HOUR_S
    assert not passkey.spend(b"first")


def test_who_mistyped_a_password_just_before_is_not_shut_out() -> None:
    alice = person("alice", password=PASSWORD)
    for failures in (4, 8, 40):
        assert Client().post("/signin/", {"username": alice.username, "password": "guess"}).status_code == 401
        AccessAttempt.objects.update(
            failures_since_start=failures, attempt_time=timezone.now() + timedelta(seconds=HOUR_S)
        )
    assert Client().post("/signin/", {"username": alice.username, "password": "guess"}).status_code == 401
    AccessAttempt.objects.update(attempt_time=F("attempt_time") + timedelta(seconds=30))
    assert Client().post("/signin/", {"username": alice.username, "password": "guess"}).status_code == 429


def test_what_is_free_to_mistype_is_free_at_once() -> None:
    alice = person("alice", password=PASSWORD)
    assert Client().post("/signin/", {"username": alice.username, "password": "guess"}).status_code == 401
    AccessAttempt.objects.update(attempt_time=timezone.now() + timedelta(minutes=10))
    assert Client().post("/signin/", {"username": alice.username, "password": PASSWORD}).status_code == 302


def test_who_mistyped_a_code_just_before_is_not_shut_out() -> None:
    failed_at = timezone.now() + timedelta(seconds=HOUR_S)
    assert AuthenticatorApp(throttling_failure_count=9, throttling_failure_timestamp=failed_at).verify_is_allowed()[0]


def test_a_wrong_password_is_on_the_trail_though_one_is_there_from_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = person("alice")
    request = RequestFactory().get("/")
    now = timezone.now()
    for hours in (0, 0, -1):
        monkeypatch.setattr(timezone, "now", lambda hours=hours: now + timedelta(hours=hours))
        refused.record_password(request, alice)
    monkeypatch.undo()
    assert Entry.objects.filter(verb="session.refuse", target=f"user:{alice.pk}").count() == 2


def test_a_count_for_a_minute_is_not_one_for_an_hour(clocks: Clocks) -> None:
    who = person("alice").username
    cache.clear()
    assert [counts.add("test", who, 60) for _ in range(3)] == [1, 2, 3]
    clocks.set_by_s = -HOUR_S  # Redis' own clock as well, which would keep the count for as long
    assert counts.add("test", who, 60) == 1


def test_a_mail_that_nobody_took_before_waits_no_hour(post) -> None:
    alice = person("alice")
    posted(alice)
    OutgoingMail.objects.update(due_at=timezone.now() + timedelta(seconds=HOUR_S))
    tasks.sweep_mails()
    assert len(post.to(alice.email)) == 1


def test_a_mail_that_waits_after_failures_goes_on_waiting() -> None:
    posted(person("alice"))
    for attempts, wait, is_due in [(0, 90, False), (0, 200, True), (3, 200, False), (9, 3500, False), (9, 3700, True)]:
        OutgoingMail.objects.update(attempts=attempts, due_at=timezone.now() + timedelta(seconds=wait))
        assert sending._due().exists() is is_due, (attempts, wait)


def test_a_role_stays_in_force_and_one_that_waits_goes_on_waiting() -> None:
    """A role that was given in the future, before the clock was set back: its holder is not without it for an hour."""
    boss, officer = person("boss"), person("officer")
    ahead = timezone.now() + timedelta(seconds=HOUR_S)
    for user, role, waits in [(boss, "owner", timedelta()), (officer, "officer", timedelta(hours=24))]:
        Grant.objects.create(user=user, role=role, granted_at=ahead, effective_at=ahead + waits)
    assert "owner" in rights.held(boss).roles
    assert "officer" not in rights.held(officer).roles
    assert [each.is_ahead for each in Grant.objects.filter(user__in=[boss, officer]).order_by("pk")] == [False, True]


def test_what_postgresql_holds_against_its_clock_is_written_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """This host is an hour behind, or ahead: a mute lasts an hour, a token and an officer's wait a day."""
    now = timezone.now()
    for hours in (-1, 1):
        monkeypatch.setattr(timezone, "now", lambda hours=hours: now + timedelta(hours=hours))
        bob = person("bob")
        until = muting.mute(actor.system("test"), bob, for_s=3600, reason="Insults")
        assert abs(until - now - timedelta(hours=1)) < timedelta(minutes=1)
        tokens.issue(actor.shell("test"), bob, name="x", scopes=["messages:read"], lifetime=timedelta(days=1))
        (issued,) = Token.objects.filter(user=bob)
        assert issued.expires_at is not None
        assert abs(issued.expires_at - now - timedelta(days=1)) < timedelta(minutes=1)
        made = grants._give(actor.shell("test"), bob, roles.built_in("officer"), waits=timedelta(days=1))
        assert abs(made.effective_at - now - timedelta(days=1)) < timedelta(minutes=1)
