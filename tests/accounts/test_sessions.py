"""Sessions and their devices: begun, used, given new keys, over, ended."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]

from accounts import clock, workspace
from accounts.access import places, sessions
from accounts.actor import STEPPED_UP_AT, shell
from accounts.authority import grants
from accounts.models import DeviceSession, Revocation, Setting, User
from accounts.refusal import Refusal
from accounts.revocations import session_subject
from accounts.tasks import clear_expired_sessions, start_idling_anew
from audit.models import Entry
from tests.worlds import PASSWORD, acting, appointed, person

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def signed_in(user: User, address: str = "192.0.2.7", device: str = FIREFOX) -> Client:
    """Sign somebody in at the page."""
    if not user.has_usable_password():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    client = Client(REMOTE_ADDR=address, headers={"User-Agent": device})
    answer = client.post("/signin/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def key_of(client: Client) -> str:
    """Give the key of a client's session."""
    return client.cookies["sessionid"].value


def row_of(client: Client) -> DeviceSession:
    """Give the row of a client's session."""
    return DeviceSession.objects.get(subject=session_subject(key_of(client)))


def is_in(client: Client) -> bool:
    """Tell whether a client's session still counts."""
    return bool(client.get("/api/v1/me").status_code == 200)


def set_value(name: str, value: int) -> None:
    """Change a setting for the rest of the test; the fixture takes it back."""
    Setting.objects.update_or_create(name=name, defaults={"value": value})
    workspace.forget()


@pytest.fixture(autouse=True)
def _as_shipped():
    yield
    Setting.objects.filter(name__in=["idle_minutes", "session_hours"]).delete()
    workspace.forget()


def test_signing_in_makes_a_row_with_what_is_known():
    alice = person("alice")
    row = row_of(signed_in(alice))
    assert (row.user_id, row.address, row.device, row.by, row.ended_at) == (
        alice.pk,
        "192.0.2.7",
        FIREFOX,
        "password",
        None,
    )
    alice.refresh_from_db()
    assert alice.last_active_at is not None


def test_a_session_of_another_door_gets_its_row_at_its_first_use():
    client = Client()
    client.force_login(person("alice"))
    assert is_in(client)
    assert row_of(client).by == ""


def test_use_is_noted_once_a_minute_and_the_person_is_active():
    alice = person("alice")
    client = signed_in(alice)
    first = row_of(client).last_used_at
    assert is_in(client)
    assert row_of(client).last_used_at == first
    DeviceSession.objects.filter(user=alice).update(last_used_at=first - timedelta(seconds=61))
    client.get("/api/v1/me", REMOTE_ADDR="198.51.100.9")
    row = row_of(client)
    assert row.last_used_at >= first
    assert row.address == "198.51.100.9"
    alice.refresh_from_db()
    assert alice.last_active_at is not None
    before = alice.last_active_at
    DeviceSession.objects.filter(user=alice).update(last_used_at=first - timedelta(seconds=61))
    assert is_in(client)
    alice.refresh_from_db()
    assert alice.last_active_at == before  # at most once an hour


def test_it_ends_after_the_longest_time_used_or_not():
    client = signed_in(person("alice"))
    set_value("session_hours", 2)
    DeviceSession.objects.filter(pk=row_of(client).pk).update(
        created_at=timezone.now() - timedelta(hours=2, minutes=-1)
    )
    assert is_in(client)
    DeviceSession.objects.filter(pk=row_of(client).pk).update(created_at=F("created_at") - timedelta(minutes=1))
    assert not is_in(client)
    assert client.get("/")["Location"] == "/signin/?next=/"


def test_django_and_the_browser_forget_it_then_as_well():
    set_value("session_hours", 5)
    client = signed_in(person("alice"))
    stored = Session.objects.get(session_key=key_of(client))
    assert abs(stored.expire_date - timezone.now() - timedelta(hours=5)) < timedelta(minutes=1)
    assert abs(int(client.cookies["sessionid"]["max-age"]) - 5 * 3600) < 60


def test_it_ends_when_it_is_idle_for_the_time_that_is_set():
    client = signed_in(person("alice"))
    used = timezone.now() - timedelta(minutes=31)
    DeviceSession.objects.filter(pk=row_of(client).pk).update(last_used_at=used - timedelta(seconds=5))
    set_value("idle_minutes", 31)
    assert is_in(client)  # use is noted once a minute: nobody is put out too early
    DeviceSession.objects.filter(pk=row_of(client).pk).update(last_used_at=used - timedelta(seconds=61))
    assert not is_in(client)
    assert client.get("/settings/sessions/").status_code == 302


def test_idle_begins_anew_where_the_clock_is_set_back(monkeypatch):
    """Not an hour later: what was used in the future is used now, by whoever uses it or by the timetable."""
    clients = [signed_in(person(name)) for name in ("alice", "bob")]
    set_value("idle_minutes", 31)
    for client in clients:
        DeviceSession.objects.filter(pk=row_of(client).pk).update(last_used_at=timezone.now() + timedelta(hours=1))
    assert is_in(clients[0])
    assert row_of(clients[0]).last_used_at <= timezone.now() < row_of(clients[1]).last_used_at
    start_idling_anew()
    assert timezone.now() - timedelta(minutes=1) < row_of(clients[1]).last_used_at <= timezone.now()
    used = timezone.now() - timedelta(minutes=20)
    DeviceSession.objects.filter(pk=row_of(clients[1]).pk).update(last_used_at=used)
    now = timezone.now()
    with monkeypatch.context() as behind:  # PostgreSQL's clock counts
        behind.setattr(timezone, "now", lambda: now - timedelta(hours=1))
        start_idling_anew()
    assert row_of(clients[1]).last_used_at == used


def test_other_rights_mean_another_key_and_no_step_up():
    alice = person("alice")
    client = signed_in(alice)
    session = client.session
    session[STEPPED_UP_AT] = clock.mark()
    session.save()
    old, made = key_of(client), row_of(client).created_at
    User.objects.filter(pk=alice.pk).update(privileges_changed_at=timezone.now())
    assert is_in(client)
    assert key_of(client) != old
    assert STEPPED_UP_AT not in client.session
    assert row_of(client).created_at == made  # the longest time goes on counting
    assert not Session.objects.filter(session_key=old).exists()
    assert Revocation.objects.filter(kind="session", subject=session_subject(old)).exists()
    thief = Client()
    thief.cookies["sessionid"] = old
    assert not is_in(thief)
    assert is_in(client)
    new = key_of(client)
    assert is_in(client)
    assert key_of(client) == new


def test_the_key_changes_once_and_surely_where_the_clock_is_set_back():
    """Rights that changed in the future, and a key of the future: before the clock was set back."""
    alice = person("alice")
    client = signed_in(alice)
    User.objects.filter(pk=alice.pk).update(privileges_changed_at=timezone.now() + timedelta(hours=1))
    first = key_of(client)
    assert is_in(client)
    second = key_of(client)
    assert is_in(client)
    assert key_of(client) == second != first
    DeviceSession.objects.filter(pk=row_of(client).pk).update(keyed_at=timezone.now() + timedelta(hours=2))
    grants.grant(shell("test"), alice, "administrator")
    assert is_in(client)
    third = key_of(client)
    assert is_in(client)
    assert key_of(client) == third != second


def test_another_key_is_of_that_session_alone_and_the_old_one_is_kept_nowhere():
    alice = person("alice")
    client, other = signed_in(alice), signed_in(alice)
    old, aside = row_of(client), row_of(other)
    User.objects.filter(pk=alice.pk).update(privileges_changed_at=timezone.now())
    assert is_in(client)
    old.refresh_from_db()
    assert old.ended_at is not None
    assert old.session_key is None
    aside.refresh_from_db()
    assert aside.ended_at is None
    assert is_in(other)


def test_a_session_that_was_ended_meanwhile_gets_no_other_key():
    alice = person("alice")
    client = signed_in(alice)
    request = RequestFactory().get("/")
    request.session = SessionStore(key_of(client))
    request.session.load()
    sessions.end(acting(alice), row_of(client))
    count = DeviceSession.objects.filter(user=alice).count()
    sessions.rotate(request, alice)
    assert DeviceSession.objects.filter(user=alice).count() == count
    assert not DeviceSession.objects.filter(user=alice, ended_at=None).exists()


def test_a_key_was_replaced_for_half_a_minute_and_only_where_nobody_ended_it():
    alice = person("alice")
    client, other = signed_in(alice), signed_in(alice)
    old, signed_out = key_of(client), key_of(other)
    User.objects.filter(pk=alice.pk).update(privileges_changed_at=timezone.now())
    assert is_in(client)
    sessions.end(acting(alice), row_of(other))
    assert sessions.was_replaced(old)
    assert not sessions.was_replaced(key_of(client))
    assert not sessions.was_replaced(signed_out)
    DeviceSession.objects.filter(subject=session_subject(old)).update(ended_at=timezone.now() - timedelta(seconds=31))
    assert not sessions.was_replaced(old)


@pytest.mark.parametrize("is_cached", [False, True])
def test_a_request_under_way_with_the_old_key_does_not_take_the_new_cookie_away(is_cached):
    alice = person("alice")
    client = signed_in(alice)
    assert is_in(client)
    late = Client()
    late.cookies["sessionid"] = key_of(client)
    name = f"django.contrib.sessions.cached_db{key_of(client)}"
    kept = cache.get(name)
    User.objects.filter(pk=alice.pk).update(privileges_changed_at=timezone.now())
    assert is_in(client)
    if is_cached:
        cache.set(name, kept)
    answer = late.get("/api/v1/me")
    assert answer.status_code == 401
    assert "sessionid" not in answer.cookies


def test_a_stale_cache_opens_nothing():
    client = signed_in(person("alice"))
    assert is_in(client)
    key = key_of(client)
    kept = cache.get(f"django.contrib.sessions.cached_db{key}")
    assert kept
    client.post("/signout/")
    assert cache.get(f"django.contrib.sessions.cached_db{key}") is None
    cache.set(f"django.contrib.sessions.cached_db{key}", kept)
    thief = Client()
    thief.cookies["sessionid"] = key
    assert not is_in(thief)


def test_what_is_cached_runs_no_code():
    cache.set("plain", {"a": [1, "b"]})
    assert cache.get("plain") == {"a": [1, "b"]}
    with pytest.raises(TypeError):
        cache.set("object", object())


def test_ending_one_leaves_the_others():
    alice = person("alice")
    one, other = signed_in(alice), signed_in(alice)
    sessions.end(acting(alice), row_of(one))
    assert not is_in(one)
    assert is_in(other)
    (entry,) = Entry.objects.filter(verb="session.end", target=f"user:{alice.pk}")
    assert entry.actor_id == alice.pk
    assert Revocation.objects.filter(subject=session_subject(key_of(other))).count() == 0


def test_nobody_ends_anothers_but_an_administrator():
    alice, mallory, admin = person("alice"), person("mallory"), appointed("admin", "administrator")
    client = signed_in(alice)
    with pytest.raises(Refusal):
        sessions.end(acting(mallory), row_of(client))
    with pytest.raises(Refusal):
        sessions.end_all(acting(mallory), alice)
    with pytest.raises(Refusal):  # no token of alice's either
        sessions.end_all(acting(alice, via="token", scopes=frozenset({"read", "write", "manage"})), alice)
    assert is_in(client)
    assert sessions.end_all(acting(admin), alice) == 1
    assert not is_in(client)


def test_signing_in_as_another_ends_what_the_browser_had():
    alice, bob = person("alice"), person("bob", password=PASSWORD)
    client = signed_in(alice)
    row = row_of(client)
    client.post("/signin/", {"username": bob.username, "password": PASSWORD})
    row.refresh_from_db()
    assert row.ended_at is not None
    assert Revocation.objects.filter(subject=row.subject).exists()


def test_the_oldest_ends_where_there_would_be_too_many(monkeypatch):
    monkeypatch.setattr(sessions, "MOST", 2)
    alice = person("alice")
    clients = [signed_in(alice) for _ in range(3)]
    assert [is_in(client) for client in clients] == [False, True, True]


@pytest.mark.parametrize(("days", "is_kept"), [(89, True), (91, False)])
def test_one_that_lapsed_unused_goes_ninety_days_after_its_last_use(days, is_kept):
    client = signed_in(person("alice"))
    row = DeviceSession.objects.filter(pk=row_of(client).pk)
    row.update(last_used_at=timezone.now() - timedelta(days=days))
    Session.objects.filter(session_key=key_of(client)).update(expire_date=timezone.now() - timedelta(seconds=1))
    sessions.forget_old()
    assert row.exists() == is_kept


def test_the_history_goes_after_ninety_days_and_what_is_live_stays():
    alice = person("alice")
    ended, live, recent = signed_in(alice), signed_in(alice), signed_in(alice)
    rows = [row_of(client) for client in (ended, live, recent)]
    sessions.end(acting(alice), rows[0])
    sessions.end(acting(alice), rows[2])
    old = timezone.now() - timedelta(days=91)
    DeviceSession.objects.filter(pk=rows[0].pk).update(ended_at=old)
    DeviceSession.objects.filter(pk=rows[1].pk).update(last_used_at=old)
    clear_expired_sessions()
    left = set(DeviceSession.objects.filter(user=alice).values_list("pk", flat=True))
    assert left == {rows[1].pk, rows[2].pk}


def test_the_place_is_the_operators_database_s(tmp_path: Path, settings):
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, languages=["en"])
    writer.insert_network(
        IPSet(["192.0.2.0/24"]), {"city": {"names": {"en": "Zürich"}}, "country": {"names": {"en": "Switzerland"}}}
    )
    writer.insert_network(IPSet(["2001:db8::/32"]), {"country": {"names": {"en": "Nepal"}}})
    writer.to_db_file(str(tmp_path / "places.mmdb"))
    settings.GEOIP_PATH = str(tmp_path / "places.mmdb")
    assert places.of_address("192.0.2.7") == "Zürich, Switzerland"
    assert places.of_address("2001:db8::1") == "Nepal"
    assert places.of_address("198.51.100.1") == ""
    assert places.of_address("") == ""
    assert row_of(signed_in(person("alice"))).place == "Zürich, Switzerland"
    (tmp_path / "broken.mmdb").write_bytes(b"nothing")
    for broken in ("broken.mmdb", "absent.mmdb"):
        settings.GEOIP_PATH = str(tmp_path / broken)
        assert places.of_address("192.0.2.7") == ""


# The page


def test_the_page_lists_devices_this_one_first_and_signs_one_out():
    alice = person("alice")
    other = signed_in(alice, "198.51.100.1", "Mozilla/5.0 (iPhone) AppleWebKit/605 Version/18.0 Mobile Safari/604.1")
    mine = signed_in(alice)
    page = mine.get("/settings/sessions/").content.decode()
    assert page.index("Firefox on Linux") < page.index("This device") < page.index("Safari on iPhone")
    assert "192.0.2.7" in page
    assert "198.51.100.1" in page
    assert key_of(mine) not in page
    answer = mine.post("/settings/sessions/", {"subject": row_of(other).subject}, follow=True)
    assert "signed out" in answer.content.decode()
    assert not is_in(other)
    assert is_in(mine)


def test_the_page_signs_out_all_others_and_no_strangers():
    alice, bob = person("alice"), person("bob")
    mine, others, strange = signed_in(alice), [signed_in(alice) for _ in range(2)], signed_in(bob)
    refused = mine.post("/settings/sessions/", {"subject": row_of(strange).subject})
    assert refused.status_code == 400
    assert 'role="alert"' in refused.content.decode()
    mine.post("/settings/sessions/", {"subject": "others"})
    assert is_in(mine)
    assert is_in(strange)
    assert not any(is_in(other) for other in others)


@pytest.mark.parametrize("subject", ["", "x", "\x00", "x" * 5000, "ü"])
def test_the_page_says_so_where_there_is_no_such_device(subject):
    assert signed_in(person("alice")).post("/settings/sessions/", {"subject": subject}).status_code == 400
