"""Each page of the administration: for whom it opens, and for whom it doesn't."""

import pytest
from django.test import Client

from tests.accounts.admin.desks import EVERYBODY, desk, holder
from tests.worlds import bearer, person

_ADMINISTRATORS = {"owner", "administrator"}

#: Every page that is reached without knowing a number, and whom it is open to.
PAGES = {
    "/admin/": _ADMINISTRATORS,
    "/admin/people/": _ADMINISTRATORS,
    "/admin/people/import/": _ADMINISTRATORS,
    "/admin/people/imports/": _ADMINISTRATORS,
    "/admin/roles/": {*_ADMINISTRATORS, "auditor"},
    "/admin/roles/own/": _ADMINISTRATORS,
    "/admin/roles/own/define/": {"owner"},
    "/admin/roles/quarters/": {*_ADMINISTRATORS, "auditor"},
    "/admin/approvals/": {*_ADMINISTRATORS, "officer"},
    "/admin/conversations/": _ADMINISTRATORS,
    "/admin/groups/": _ADMINISTRATORS,
    "/admin/groups/make/": _ADMINISTRATORS,
    "/admin/barriers/": _ADMINISTRATORS,
    "/admin/barriers/make/": _ADMINISTRATORS,
    "/admin/barriers/change/": _ADMINISTRATORS,
    "/admin/barriers/conflicts/": _ADMINISTRATORS,
    "/admin/trail/": {"owner", "officer", "auditor"},
    "/admin/trail/verifications/": {*_ADMINISTRATORS, "auditor"},
    "/admin/trail/checkpoints/": {*_ADMINISTRATORS, "auditor"},
    "/admin/invitations/": _ADMINISTRATORS,
    "/admin/invitations/invite/": _ADMINISTRATORS,
    "/admin/settings/": _ADMINISTRATORS,
    "/admin/reports/": {"moderator"},
    "/admin/muted/": {"moderator"},
    "/admin/muted/mute/": {"moderator"},
}


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_page_opens_for_who_may_and_for_nobody_else(role):
    client = desk(holder(role))
    opened = {path for path in PAGES if client.get(path).status_code == 200}
    assert opened == {path for path, roles in PAGES.items() if role in roles}


def test_somebody_unknown_is_sent_to_the_sign_in_page():
    for path in PAGES:
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"] == f"/signin/?next={path}"


def test_a_token_opens_nothing():
    for user in (holder("owner"), person("robot", kind="bot")):
        client = Client(headers={"Authorization": f"Bearer {bearer(user)}"})
        assert {client.get(path).status_code for path in PAGES} == {302}


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_settings_lead_to_it_whoever_may(role):
    page = desk(holder(role)).get("/settings/", follow=True).content.decode()
    is_let_in = any(role in roles for roles in PAGES.values())
    assert ('href="/admin/"' in page) == is_let_in
