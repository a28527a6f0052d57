"""One's own factors: nobody else's, no more than one may have, never less than one must; also for two at once."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.factors import challenge, demand, owned
from accounts.models import AuthenticatorApp, Passkey, User
from accounts.refusal import Refusal
from tests.accounts.factors.doors import give_app, member
from tests.parts import wait_until
from tests.worlds import acting, appointed, person

_WAITS = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def _is_anybody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")  # within a transaction it would be looked at once alone
        cursor.execute(_WAITS)
        return bool(cursor.fetchone()[0])


def _while_uncommitted(first, second) -> Refusal | None:
    """Do one thing, and the second before the first is committed; give what the second was refused for."""

    def other() -> Refusal | None:
        try:
            with transaction.atomic():
                second()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            begun = pool.submit(other)
            wait_until(lambda: begun.done() or _is_anybody_waiting(), "the second one")
        return begun.result(timeout=30)


def _app(user: User, nth: int) -> AuthenticatorApp:
    return AuthenticatorApp.objects.create(user=user, name=f"app {nth}", confirmed=True)


def test_of_the_last_two_one_stays_where_one_is_asked_for():
    alice = appointed("alice", "administrator", is_factor_exempt=False)
    assert demand.is_asked_of(alice)
    one, other = _app(alice, 1), _app(alice, 2)
    refused = _while_uncommitted(
        lambda: owned.remove(acting(alice), alice, "app", one.pk),
        lambda: owned.remove(acting(alice), alice, "app", other.pk),
    )
    assert refused is not None
    assert "add another one before removing this" in refused.detail
    assert [app.pk for app in owned.of(alice).apps] == [other.pk]


def test_ten_are_enough_also_for_two_at_once():
    alice = person("alice")
    for nth in range(9):
        _app(alice, nth)

    def add() -> None:
        owned.check_room(alice)
        _app(alice, 10)

    refused = _while_uncommitted(add, add)
    assert refused is not None
    assert refused.code == "forbidden"
    assert owned.of(alice).total == 10


def test_nobody_removes_another_s_or_one_that_was_never_confirmed():
    alice, mallory = member("alice"), member("mallory")
    device = give_app(alice)
    for actor, of_whom in ((mallory, mallory), (alice, mallory)):
        with pytest.raises(Refusal, match="not there any more"):
            owned.remove(acting(actor), of_whom, "app", device.pk)
    begun = AuthenticatorApp.objects.create(user=alice, name="begun", confirmed=False)
    with pytest.raises(Refusal, match="not there any more"):
        owned.remove(acting(alice), alice, "app", begun.pk)
    assert [app.pk for app in owned.of(alice).apps] == [device.pk]


def test_a_challenge_of_a_session_is_for_its_purpose_once():
    session: dict[str, object] = {}
    shown = challenge.make(session, "stepup")  # type: ignore[arg-type]
    second = challenge.make(session, "second")  # type: ignore[arg-type]
    assert challenge.use(session, "add") is None  # type: ignore[arg-type]
    assert challenge.use(session, "second") == second  # type: ignore[arg-type]
    assert challenge.use(session, "second") is None  # type: ignore[arg-type]
    assert challenge.use(session, "stepup") == shown  # type: ignore[arg-type]


def test_another_s_passkey_or_one_that_was_never_confirmed_is_no_factor():
    alice = appointed("alice", "administrator", is_factor_exempt=False)
    for user, confirmed in ((person("mallory"), True), (alice, False)):
        Passkey.objects.create(
            user=user, name="Key", confirmed=confirmed, credential_id=secrets.token_bytes(16), public_key=b"",
            user_handle=b"", relying_party="chat.example.org",
        )  # fmt: skip
        assert demand.due_at(alice) is not None
