"""Recovery codes: ten, each once, none readable afterwards."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts.factors import codes, owned, recovery
from accounts.models import RecoveryCodes
from accounts.refusal import Refusal
from audit.models import Entry
from tests.accounts.factors.doors import give_app, give_codes
from tests.worlds import acting, person


def test_ten_of_eighty_bits_and_none_in_clear():
    alice = person("alice")
    made = give_codes(alice)
    assert len(set(made)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in made)
    with connection.cursor() as cursor:
        cursor.execute("select f::text from factor_recovery f where user_id = %s", [alice.pk])
        (row,) = cursor.fetchone()
    assert not any(code in row or code.replace("-", "") in row for code in made)


def test_each_counts_once():
    alice = person("alice")
    made = give_codes(alice)
    codes.take(alice, made[3], with_recovery=True)
    assert owned.of(alice).codes_left == 9
    with pytest.raises(codes.Wrong, match="none of your recovery codes"):
        codes.take(alice, made[3], with_recovery=True)
    RecoveryCodes.objects.filter(user=alice).update(throttling_failure_timestamp=None)
    codes.take(alice, made[4], with_recovery=True)
    assert owned.of(alice).codes_left == 8


def test_as_people_type_them():
    alice = person("alice")
    made = give_codes(alice)
    codes.take(alice, f" {made[0].upper().replace('-', ' ')} ", with_recovery=True)
    misread = made[1].replace("0", "O").replace("1", "l")
    codes.take(alice, misread, with_recovery=True)


def test_somebody_elses_are_none_of_mine():
    alice, mallory = person("alice"), person("mallory")
    give_codes(alice)
    with pytest.raises(codes.Wrong):
        codes.take(alice, give_codes(mallory)[0], with_recovery=True)


def test_who_has_none_is_told_the_same():
    with pytest.raises(codes.Wrong, match="none of your recovery codes"):
        codes.take(person("alice"), "0123-4567-89ab-cdef", with_recovery=True)


def test_a_wrong_one_is_counted_and_a_right_one_forgets_the_count():
    alice = person("alice")
    made = give_codes(alice)
    with pytest.raises(codes.Wrong):
        codes.take(alice, "0123-4567-89ab-cdef", with_recovery=True)
    assert RecoveryCodes.objects.get(user=alice).throttling_failure_count == 1
    RecoveryCodes.objects.filter(user=alice).update(throttling_failure_timestamp=None)
    codes.take(alice, made[0], with_recovery=True)
    assert RecoveryCodes.objects.get(user=alice).throttling_failure_count == 0


def test_new_ones_end_the_old():
    alice = person("alice")
    old, new = give_codes(alice), give_codes(alice)
    with pytest.raises(codes.Wrong):
        codes.take(alice, old[0], with_recovery=True)
    RecoveryCodes.objects.filter(user=alice).update(throttling_failure_timestamp=None)
    codes.take(alice, new[0], with_recovery=True)


def test_where_they_do_not_count_they_are_not_used_up():
    alice = person("alice")
    give_app(alice)
    made = give_codes(alice)
    with pytest.raises(Refusal, match="six digits"):
        codes.take(alice, made[0], with_recovery=False)
    assert owned.of(alice).codes_left == 10


def test_after_wrong_ones_one_waits():
    alice = person("alice")
    made = give_codes(alice)
    RecoveryCodes.objects.filter(user=alice).update(
        throttling_failure_count=8, throttling_failure_timestamp=timezone.now()
    )
    with pytest.raises(Refusal, match="Wait"):
        codes.take(alice, made[0], with_recovery=True)
    assert owned.of(alice).codes_left == 10


def test_new_ones_want_a_step_up_and_stand_on_the_trail_without_a_code():
    alice = person("alice")
    with pytest.raises(Refusal) as refused:
        recovery.renew(acting(alice, is_stepped_up=False), alice)
    assert refused.value.code == "step_up"
    assert not RecoveryCodes.objects.filter(user=alice).exists()
    give_codes(alice)
    entry = Entry.objects.filter(verb="factor.add", target=f"user:{alice.pk}").latest("pk")
    assert entry.after == {"count": 10, "factor": "recovery"}
