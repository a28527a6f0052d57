"""Settings: one form from the table, each mistake at its field, each change on the trail."""

import re

import pytest

from accounts import workspace
from accounts.models import Setting
from accounts.options import OPTIONS
from accounts.refusal import Refusal
from audit.models import Entry
from tests.accounts.admin.desks import desk, holder
from tests.worlds import acting


@pytest.fixture
def client():
    """Give an owner at a browser; what is changed is put back."""
    yield desk(holder("owner"))
    Setting.objects.all().delete()
    workspace.forget()


def _given(**changes: str) -> dict[str, str]:
    shown = {name: workspace.value(name) for name in OPTIONS}
    given = {name: "\n".join(value) if isinstance(value, list) else str(value) for name, value in shown.items()}
    return given | changes


def test_every_setting_is_there_with_its_help(client):
    page = client.get("/admin/settings/").content.decode()
    for option in OPTIONS.values():
        assert f'name="{option.name}"' in page
        assert str(option.help).split("'", maxsplit=1)[0] in page


def test_what_differs_is_changed_and_goes_on_the_trail_with_what_was_before(client):
    answer = client.post("/admin/settings/", _given(invitation_days="3", signup_domains="example.com\r\nexample.org"))
    assert answer.status_code == 302
    assert workspace.value("invitation_days") == 3
    assert workspace.value("signup_domains") == ["example.com", "example.org"]
    entry = Entry.objects.filter(target="setting:invitation_days").latest("id")
    assert (entry.before, entry.after) == ({"value": 7}, {"value": 3})
    assert not Entry.objects.filter(target="setting:dormant_days", id__gte=entry.pk - 1).exists()


def test_every_mistake_is_told_at_its_field_and_nothing_is_changed(client):
    answer = client.post("/admin/settings/", _given(invitation_days="0", session_hours="x", dormant_days="5"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_invitation_days_error"' in page
    assert 'id="id_session_hours_error"' in page
    assert "Write a number from 1 to 90." in page
    assert workspace.value("dormant_days") == 90


def test_nobody_shuts_oneself_out(client):
    answer = client.post("/admin/settings/", _given(networks_administrator="10.9.8.0/24"))
    assert answer.status_code == 422
    assert "you would shut yourself out" in answer.content.decode()
    assert workspace.value("networks_administrator") == []


GUARDS = {
    "networks_administrator": "10.9.8.0/24",
    "networks_officer": "10.9.8.0/24",
    "factor_roles": "moderator",
    "factor_grace_days": "90",
    "dormant_days": "1",
}


@pytest.fixture
def admin(client):
    """Give an administrator at a browser."""
    return desk(holder("administrator"))


def test_what_guards_administrators_and_officers_is_an_owners_to_change(client):
    assert {option.name for option in OPTIONS.values() if option.verb == "safeguard.change"} == set(GUARDS)
    assert client.post("/admin/settings/", _given(networks_officer="10.9.8.0/24")).status_code == 302
    assert workspace.value("networks_officer") == ["10.9.8.0/24"]
    assert " disabled" not in client.get("/admin/settings/").content.decode()


def test_an_administrator_is_shown_it_and_why_and_changes_the_rest(client, admin):
    client.post("/admin/settings/", _given(networks_officer="203.0.113.0/24"))
    page = admin.get("/admin/settings/").content.decode()
    for name in OPTIONS:
        field = re.search(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*>', page)
        assert field is not None
        assert (" disabled" in field[0]) == (name in GUARDS), name
    assert "203.0.113.0/24" in page
    assert page.count("only an owner changes it") == len(GUARDS)
    sent = {name: value for name, value in _given(invitation_days="5").items() if name not in GUARDS}
    wrong = admin.post("/admin/settings/", sent | {"invitation_days": "0"})
    assert wrong.status_code == 422
    assert "203.0.113.0/24" in wrong.content.decode()
    assert admin.post("/admin/settings/", sent).status_code == 302
    assert workspace.value("invitation_days") == 5
    assert workspace.value("networks_officer") == ["203.0.113.0/24"]


@pytest.mark.parametrize("name", GUARDS)
def test_who_sends_it_all_the_same_is_refused_at_the_field_and_nothing_is_changed(admin, name):
    before = workspace.value(name)
    answer = admin.post("/admin/settings/", _given(invitation_days="5", **{name: GUARDS[name]}))
    assert answer.status_code == 422
    assert f'id="id_{name}_error"' in answer.content.decode()
    with pytest.raises(Refusal, match="guards administrators and officers") as refused:
        workspace.change(acting(holder("administrator")), {"invitation_days": "5", name: GUARDS[name]})
    assert (refused.value.code, refused.value.field) == ("forbidden", name)
    assert (workspace.value(name), workspace.value("invitation_days")) == (before, 7)
    assert not Setting.objects.exists()


def test_an_owner_changes_it_having_stepped_up_and_by_no_token(client):
    owner = holder("owner")
    for ways in ({"is_stepped_up": False}, {"via": "token", "scopes": frozenset({"read", "write", "manage"})}):
        with pytest.raises(Refusal):
            workspace.change(acting(owner, **ways), {"networks_officer": "10.9.8.0/24"})
    assert workspace.change(acting(owner), {"networks_officer": "10.9.8.0/24"}) == ["networks_officer"]
