"""Making people: names are unique in any case."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import rights
from accounts.models import User
from tests.worlds import person


def test_a_new_person_is_active_verified_and_without_a_password():
    alice = person("alice")
    alice.refresh_from_db()
    assert alice.is_active
    assert alice.email_verified_at is not None
    assert not alice.has_usable_password()
    assert rights.held(alice).roles == {"member"}


def test_a_name_is_the_username_where_none_is_given():
    assert person("alice", name="").name.startswith("alice-")


@pytest.mark.parametrize("change", [str.upper, str.title, str])
def test_a_username_is_taken_in_any_case(change):
    first = person("alice")
    with pytest.raises(IntegrityError, match="user_username_any_case"), transaction.atomic():
        person("alice", username=change(first.username), email="other@example.org")
    assert User.objects.get_by_natural_key(first.username.upper()).pk == first.pk


@pytest.mark.parametrize(
    "username", ["", "two words", "a@b", "a,b", "a:b", "<a>", "a\x00b", "a\nb", "a\n", "\u2003a", "x" * 65, "a\x7f"]
)
def test_a_username_that_would_confuse_is_refused(username):
    with pytest.raises(ValidationError, match="username"):
        person("x", username=username, email="x@example.org")


@pytest.mark.parametrize("email", ["x", "x@", "@example.org", "x y@example.org", "x@example.org\n"])
def test_an_address_that_is_none_is_refused(email):
    with pytest.raises(ValidationError):
        person("x", email=email)


@pytest.mark.parametrize("username", ["Ärger", "日本", "o'neil", "a.b-c_d+e", "x" * 55])
def test_a_username_may_be_of_any_script(username):
    assert person(username, email="x@example.org").username.startswith(username)
