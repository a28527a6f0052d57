"""What is kept of people is declared, field by field, and the page says what is declared."""

import pytest
from django.core.management import CommandError, call_command

from accounts import privacy as of_accounts
from audit.privacy import NOT_PERSONAL
from chatproject import privacy, privacy_page
from chatproject.places import ROOT

_PAGE = ROOT / "docs" / "privacy.md"


def test_every_field_is_declared_and_the_page_is_current():
    call_command("privacy_page", check=True)


def test_a_field_that_nobody_declared_fails(monkeypatch):
    user = {names: said for names, said in of_accounts.DECLARED["User"].items() if "email" not in names}
    monkeypatch.setitem(of_accounts.DECLARED, "User", user)
    faults = privacy.faults()
    assert [fault.partition(" ")[0] for fault in faults] == ["accounts.User.email", "accounts.User.email_verified_at"]
    with pytest.raises(CommandError, match=r"accounts\.User\.email is not declared"):
        call_command("privacy_page", check=True)


def test_a_model_of_others_that_nobody_declared_fails(monkeypatch):
    monkeypatch.delitem(privacy.OTHERS, "sessions")
    assert any(fault.startswith("sessions.Session.session_data is not declared") for fault in privacy.faults())


@pytest.mark.parametrize(
    ("model", "fields", "sentence"),
    [
        ("User", {"shoe_size": NOT_PERSONAL}, "accounts.User.shoe_size is declared"),
        ("Shoe", {"size": NOT_PERSONAL}, "accounts.Shoe is declared"),
    ],
)
def test_a_declaration_of_what_is_not_there_fails(monkeypatch, model, fields, sentence):
    monkeypatch.setitem(of_accounts.DECLARED, model, dict(of_accounts.DECLARED.get(model, {})) | fields)
    assert [fault.startswith(sentence) for fault in privacy.faults()] == [True]


def test_a_page_that_is_stale_is_told(monkeypatch):
    monkeypatch.setattr(privacy_page, "_NOTE", "other words\n")
    with pytest.raises(CommandError, match="stale"):
        call_command("privacy_page", check=True)


def test_the_prose_is_kept_as_it_is():
    page = _PAGE.read_text()
    assert privacy_page.render(page) == page
    assert privacy_page.render("Other words.\n\n" + page).startswith("Other words.\n\n")
    with pytest.raises(ValueError, match="no line"):
        privacy_page.render("a page without its tables")
