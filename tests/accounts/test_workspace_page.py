"""Everybody sees who runs the workspace, and an officer's coming a day ahead."""

import secrets
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authority import roles
from accounts.models import Grant, User
from tests.worlds import acting, appointed, person


@pytest.mark.parametrize("fields", [{}, {"is_guest": True}])
def test_members_and_guests_see_who_holds_what_and_who_is_about_to(fields):
    owner = appointed("olga", "owner", name="Olga <b>Owner</b>")
    coming = appointed("oscar", "officer", ago=-timedelta(hours=20))
    ended, gone = appointed("eve", "auditor"), appointed("gus", "auditor")
    Grant.objects.filter(user=ended).update(ended_at=timezone.now())
    User.objects.filter(pk=gone.pk).update(is_active=False)
    client = Client()
    client.force_login(person("alice", **fields))
    page = client.get("/settings/workspace/").content.decode()
    assert f"@{owner.username}" in page
    assert "Olga &lt;b&gt;Owner" in page
    assert "from " in page.partition(f"@{coming.username}")[2][:80]
    assert f"@{ended.username}" not in page
    assert f"@{gone.username}" not in page


def test_who_holds_a_role_of_the_workspace_s_own_is_seen_too():
    name = f"own-{secrets.token_hex(4)}"
    roles.define(acting(appointed("olga", "owner")), name, f"Title of {name}", frozenset({"record.export"}))
    client = Client()
    client.force_login(person("alice"))
    assert f"Title of {name}" not in client.get("/settings/workspace/").content.decode()
    coming = appointed("oscar", name, ago=-timedelta(hours=20))
    page = client.get("/settings/workspace/").content.decode().partition(f"Title of {name}")[2]
    assert "from " in page.partition(f"@{coming.username}")[2][:80]


def test_a_stranger_is_asked_to_sign_in():
    answer = Client().get("/settings/workspace/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/signin/?next=/settings/workspace/")
