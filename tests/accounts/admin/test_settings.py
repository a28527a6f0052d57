"""Settings: one form from the table, each mistake at its field, each change on the trail."""

import pytest

from accounts import workspace
from accounts.models import Setting
from accounts.options import OPTIONS
from audit.models import Entry
from tests.accounts.admin.desks import desk, holder


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
