"""Who must have a factor, from when on, and how far one gets without."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import workspace
from accounts.authority import roles
from accounts.factors import authenticator, demand, owned
from accounts.models import Grant, Setting, User
from accounts.refusal import Refusal
from tests.accounts.factors.doors import browser, code, give_app, is_in, member, password
from tests.messaging.hub.browsing import Browser
from tests.serving import Server
from tests.worlds import acting, appointed, bearer, built

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _settings():
    yield
    Setting.objects.filter(name__in=["factor_roles", "factor_grace_days"]).delete()
    workspace.forget()


def given(role: str, ago: timedelta = timedelta(), **fields) -> User:
    """Make somebody who has held a role for so long, with a password and no factor."""
    user = member("alice", **fields)
    Grant.objects.create(user=user, role=role, effective_at=timezone.now() - ago)
    return user


def set_option(name: str, value: object, ago: timedelta = timedelta(days=999)) -> None:
    Setting.objects.update_or_create(name=name, defaults={"value": value, "changed_at": timezone.now() - ago})
    workspace.forget()


@pytest.mark.parametrize("role", ["owner", "administrator", "officer", "auditor"])
def test_it_is_asked_of_these_roles_after_seven_days(role):
    alice = given(role, 2 * DAY)
    due = demand.due_at(alice)
    assert due is not None
    assert timedelta(days=4.9) < due - timezone.now() < timedelta(days=5.1)
    assert not demand.is_overdue(alice)
    assert demand.is_overdue(given(role, 8 * DAY))


@pytest.mark.parametrize("verb", ["settings.change", "factor.reset", "record.search", "trail.read", "officer.propose"])
def test_a_role_of_ones_own_is_like_those_whose_verbs_it_has(verb):
    name = f"own-{uuid4().hex[:8]}"
    roles.define(acting(appointed("zoe", "owner")), name, "", frozenset({verb}))
    assert demand.is_overdue(given(name, 8 * DAY))
    assert not demand.is_overdue(given(name, 2 * DAY))
    weak = f"own-{uuid4().hex[:8]}"
    roles.define(acting(appointed("zoe", "owner")), weak, "", frozenset({"person.mute"}))
    assert demand.due_at(given(weak, 99 * DAY)) is None
    set_option("factor_roles", [])
    assert demand.due_at(given(name, 99 * DAY)) is None


def test_of_others_nothing_is_asked():
    assert demand.due_at(member("alice")) is None
    assert demand.due_at(given("moderator", 99 * DAY)) is None
    assert demand.due_at(given("owner", 99 * DAY, is_factor_exempt=True)) is None
    assert demand.due_at(given("owner", 99 * DAY, kind="bot")) is None
    ended = given("owner", 99 * DAY)
    Grant.objects.filter(user=ended).update(ended_at=timezone.now())
    assert demand.due_at(ended) is None
    assert demand.due_at(given("officer", -DAY)) is None


def test_who_has_one_has_done_it():
    alice = given("owner", 99 * DAY)
    give_app(alice)
    assert demand.due_at(alice) is None
    assert demand.is_asked_of(alice)


def test_the_first_of_several_roles_counts():
    alice = given("auditor", 2 * DAY)
    Grant.objects.create(user=alice, role="owner", effective_at=timezone.now() - 6 * DAY)
    due = demand.due_at(alice)
    assert due is not None
    assert due - timezone.now() < timedelta(days=1.1)


def test_the_settings_count_and_a_new_demand_gives_everybody_time():
    alice, bob = given("moderator", 99 * DAY), member("bob")
    set_option("factor_roles", ["moderator", "member"], 3 * DAY)
    set_option("factor_grace_days", 4)
    for user in (alice, bob):
        due = demand.due_at(user)
        assert due is not None
    due = demand.due_at(alice)
    assert due is not None
    assert timedelta(hours=23) < due - timezone.now() < timedelta(hours=25)
    set_option("factor_roles", [])
    assert demand.due_at(alice) is None


def test_within_the_grace_one_goes_on_and_is_told():
    alice = given("administrator", 2 * DAY)
    client = Client()
    answer = password(client, alice, next="/c/12")
    assert answer["Location"] == "/signin/factor/?next=%2Fc%2F12"
    page = client.get(answer["Location"]).content.decode()
    assert 'href="/c/12"' in page
    assert "Later, until" in page
    assert client.get("/c/12").status_code == 200
    assert "Set one up by" in client.get("/settings/factors/").content.decode()
    assert is_in(client)


def test_the_page_after_signing_in_leads_to_no_page_of_others():
    client = browser(given("administrator", 2 * DAY))
    page = client.get("/signin/factor/?next=https://evil.example/").content.decode()
    assert "evil.example" not in page


def test_after_it_every_page_leads_to_setting_one_up():
    alice = given("administrator", 8 * DAY)
    client = browser(alice)
    for path in ("/", "/c/12", "/signin/factor/?next=/c/12", "/nothing/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/settings/factors/"), path
    page = client.get("/settings/factors/")
    assert page.status_code == 200
    assert "nothing else opens" in page.content.decode()
    refused = client.get("/api/v1/me")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert refused.json()["code"] == "forbidden"
    assert "second factor" in refused.json()["detail"]
    token = {"Authorization": f"Bearer {bearer(alice)}"}
    assert client.get("/api/v1/me", headers=token).status_code == 200
    # what it takes to get on stays open
    assert client.post("/settings/factors/app/")["Location"] == "/settings/factors/app/"
    assert client.get("/settings/factors/app/").status_code == 200
    assert client.get("/stepup/").status_code == 200
    assert client.post("/signout/")["Location"] == "/signin/"


@pytest.mark.parametrize("scheme", ["Basic x", "parley_x", ""])
def test_a_header_that_is_no_token_s_opens_nothing_to_the_session(scheme):
    client = browser(given("administrator", 8 * DAY))
    assert client.get("/api/v1/me", headers={"Authorization": scheme}).status_code == 403


def test_setting_one_up_opens_everything_in_the_same_session():
    alice = given("administrator", 8 * DAY)
    client, elsewhere = browser(alice), browser(alice)
    elsewhere.get("/settings/factors/")
    client.post("/settings/factors/app/")
    device = authenticator.begun(alice)
    assert device is not None
    page = client.post("/settings/factors/app/confirm/", {"code": code(device.secret), "name": "Phone"})
    assert page.status_code == 200
    assert len(page.context["codes"]) == 10
    assert is_in(client)
    assert client.get("/").status_code == 200
    # what the password alone had opened elsewhere is over
    assert elsewhere.get("/")["Location"].startswith("/signin/")


def test_the_last_one_stays_where_one_is_asked():
    alice = given("administrator", 8 * DAY)
    first = give_app(alice)
    with pytest.raises(Refusal, match="add another one"):
        owned.remove(acting(alice), alice, "app", first.pk)
    second = give_app(alice, b"another secret of 20", "Tablet")
    owned.remove(acting(alice), alice, "app", first.pk)
    with pytest.raises(Refusal, match="add another one"):
        owned.remove(acting(alice), alice, "app", second.pk)
    Grant.objects.filter(user=alice).update(ended_at=timezone.now())
    owned.remove(acting(alice), alice, "app", second.pk)
    assert not owned.has_any(alice)


async def test_such_a_session_opens_no_socket(site: Server):
    overdue, graced = await built(given, "owner", 8 * DAY), await built(given, "owner", 2 * DAY)
    held, free = await Browser.signed_in(site, overdue), await Browser.signed_in(site, graced)
    async with held.talker(site.url) as refused:
        assert await refused.closed() == 4401
    async with free.talker(site.url) as taken:
        await taken.hello()
    await built(give_app, overdue)
    async with held.talker(site.url) as taken:
        await taken.hello()
    await held.client.aclose()
    await free.client.aclose()


def test_appointed_people_of_the_shell_are_never_asked():
    assert demand.due_at(appointed("alice", "owner")) is None
