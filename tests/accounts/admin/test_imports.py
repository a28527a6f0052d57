"""Importing people from a file: looked at first, then whole or not at all."""

import secrets
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Invitation, PersonImport, User
from accounts.people import imports
from accounts.refusal import Refusal
from audit.models import Entry
from messaging import people_import as into_channels
from messaging import tasks
from tests.accounts.admin.desks import desk, holder
from tests.worlds import channel, person


@pytest.fixture
def boss():
    """Give an administrator at a browser."""
    user = holder("administrator")
    return user, desk(user)


def _hand_in(client, text: str) -> PersonImport:
    answer = client.post("/admin/people/import/", {"file": SimpleUploadedFile("people.csv", text.encode())})
    assert answer.status_code == 302, answer.content.decode()
    return PersonImport.objects.get(pk=int(answer["Location"].rstrip("/").rpartition("/")[2]))


def _file(*people: str) -> str:
    return "username,name,email,role,channels\n" + "".join(f"{line}\n" for line in people)


def _start(client, draft: PersonImport):
    answer = client.post(f"/admin/people/imports/{draft.pk}/start/")
    tasks.import_people(draft.pk)
    return answer


def test_looking_at_a_file_imports_nobody_and_says_what_is_wrong_where(boss):
    _user, client = boss
    bob, mark = person("bob"), secrets.token_hex(4)
    draft = _hand_in(
        client,
        _file(
            f"{mark},A,{mark}@example.org,,", f"{bob.username.upper()},B,b-{mark}@example.org,,", "c c,C,c,boss,nowhere"
        ),
    )
    page = client.get(f"/admin/people/imports/{draft.pk}/").content.decode()
    assert "Somebody here has this username." in page
    assert [(line, field) for line, field, *_rest in draft.faults] == [
        (3, "username"),
        (4, "channels"),
        (4, "email"),
        (4, "role"),
        (4, "username"),
    ]
    assert "Import 1" not in page
    assert not User.objects.filter(username=mark).exists()
    assert client.get(f"/admin/people/imports/{draft.pk}/start/").status_code == 200
    refused = _start(client, draft)
    assert refused.status_code == 422
    assert not User.objects.filter(username=mark).exists()


def test_a_channel_that_is_private_or_unknown_is_a_fault(boss):
    user, client = boss
    mark = secrets.token_hex(4)
    channel(user, name=f"open-{mark}", is_private=False)
    channel(user, name=f"shut-{mark}", is_private=True)
    draft = _hand_in(client, _file(f"{mark},A,{mark}@example.org,,open-{mark}|shut-{mark}|none-{mark}"))
    assert [fault[1] for fault in draft.faults] == ["channels", "channels"]
    assert f"shut-{mark}" in draft.faults[1][2] + draft.faults[0][2]


def test_a_row_s_faults_are_told_together_its_channels_too(boss):
    mark = secrets.token_hex(4)
    draft = _hand_in(boss[1], _file(f"{mark},A,no address,,none-{mark}", f"b{mark},B,b{mark}@example.org,,no\x00ne"))
    assert [(fault[0], fault[1]) for fault in draft.faults] == [(2, "channels"), (2, "email"), (3, "channels")]


def test_a_good_file_is_imported_after_it_was_asked_about(boss):
    user, client = boss
    mark = secrets.token_hex(4)
    room = channel(user, name=f"open-{mark}", is_private=False)
    draft = _hand_in(
        client,
        _file(f"{mark}a,Ada,{mark}a@example.org,,OPEN-{mark}", f"{mark}b,Bob,{mark}b@example.org,guest,"),
    )
    assert "Import 2 people" in client.get(f"/admin/people/imports/{draft.pk}/").content.decode()
    asked = client.get(f"/admin/people/imports/{draft.pk}/start/").content.decode()
    assert "2 people get an account each." in asked
    assert not User.objects.filter(username=f"{mark}a").exists()
    assert _start(client, draft).status_code == 302

    ada, bob = User.objects.get(username=f"{mark}a"), User.objects.get(username=f"{mark}b")
    assert (ada.invited_by, ada.is_factor_exempt, ada.is_guest, bob.is_guest) == (user, False, False, True)
    assert ada.imported_at is not None
    assert not ada.has_usable_password()
    assert [str(entry.actor_id) for entry in Entry.objects.filter(target=f"user:{ada.pk}", verb="person.create")] == [
        str(user.pk)
    ]
    assert f"@{mark}a" in client.get(f"/admin/conversations/{room}/").content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.created, draft.joined, bytes(draft.content)) == ("done", 2, 1, b"")
    tasks.import_people(draft.pk)  # a queue may deliver twice
    draft.refresh_from_db()
    assert (draft.state, draft.created) == ("done", 2)


def test_where_one_name_was_taken_meanwhile_nobody_is_imported(boss):
    _user, client = boss
    mark = secrets.token_hex(4)
    draft = _hand_in(client, _file(f"{mark}a,Ada,{mark}a@example.org,,", f"{mark}b,Bob,{mark}b@example.org,,"))
    person("late", username=f"{mark}B")
    _start(client, draft)
    draft.refresh_from_db()
    assert draft.state == "failed"
    assert not User.objects.filter(username=f"{mark}a").exists()
    assert "Nobody was imported" in client.get(f"/admin/people/imports/{draft.pk}/").content.decode()


def test_an_import_that_was_broken_off_goes_on(boss):
    user, client = boss
    mark = secrets.token_hex(4)
    channel(user, name=f"open-{mark}", is_private=False)
    draft = _hand_in(client, _file(f"{mark}a,Ada,{mark}a@example.org,,open-{mark}"))
    client.post(f"/admin/people/imports/{draft.pk}/start/")
    draft.refresh_from_db()
    imports.create(into_channels.importer(draft), draft)
    draft.refresh_from_db()
    assert draft.state == "joining"
    tasks.import_people(draft.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.created, draft.joined) == ("done", 1, 1)


def test_everybody_is_invited_where_that_was_asked_for_and_once(boss, settings, monkeypatch):
    user, client = boss
    settings.PUBLIC_URL = "https://chat.example.org"
    monkeypatch.setattr(into_channels, "INVITATIONS", 1)
    mark = secrets.token_hex(4)
    text = _file(f"{mark}a,Ada,{mark}a@example.org,,", f"{mark}b,Bob,{mark}b@example.org,guest,")
    file = SimpleUploadedFile("people.csv", text.encode())
    client.post("/admin/people/import/", {"file": file, "is_inviting": "on"})
    draft = PersonImport.objects.filter(uploaded_by=user).latest("id")
    assert (
        "Each gets an invitation by e-mail." in client.get(f"/admin/people/imports/{draft.pk}/start/").content.decode()
    )
    client.post(f"/admin/people/imports/{draft.pk}/start/")
    for _nth in range(3):
        tasks.import_people(draft.pk)
    made = Invitation.objects.filter(email__startswith=mark).order_by("email")
    assert [(one.email, one.role, one.user.username) for one in made if one.user] == [
        (f"{mark}a@example.org", "member", f"{mark}a"),
        (f"{mark}b@example.org", "guest", f"{mark}b"),
    ]
    draft.refresh_from_db()
    assert draft.state == "done"


def test_nobody_is_made_of_a_file_that_does_not_wait(boss):
    _user, client = boss
    mark = secrets.token_hex(4)
    draft = _hand_in(client, _file(f"{mark}a,Ada,{mark}a@example.org,,"))
    with pytest.raises(Refusal, match="does not wait"):
        imports.create(into_channels.importer(draft), draft)
    assert not User.objects.filter(username=f"{mark}a").exists()


def test_somebody_else_s_file_is_not_started(boss):
    _user, client = boss
    mark = secrets.token_hex(4)
    draft = _hand_in(client, _file(f"{mark}a,Ada,{mark}a@example.org,,"))
    other = desk(holder("owner"))
    assert other.post(f"/admin/people/imports/{draft.pk}/start/").status_code == 422
    draft.refresh_from_db()
    assert draft.state == "checked"


def test_a_file_that_nobody_starts_is_forgotten_after_a_day(boss):
    _user, client = boss
    mark = secrets.token_hex(4)
    old, new = (_hand_in(client, _file(f"{mark}{nth},Ada,{mark}{nth}@example.org,,")) for nth in "ab")
    PersonImport.objects.filter(pk=old.pk).update(uploaded_at=timezone.now() - timedelta(days=1, minutes=1))
    imports.forget_old()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, bytes(old.content)) == ("failed", b"")
    assert (new.state, bool(new.content)) == ("checked", True)
    assert client.post(f"/admin/people/imports/{old.pk}/start/").status_code == 404


def test_a_file_that_is_too_large_is_refused_at_the_field(boss):
    _user, client = boss
    large = SimpleUploadedFile("people.csv", b"x" * (5 * 1024 * 1024 + 1))
    answer = client.post("/admin/people/import/", {"file": large})
    assert answer.status_code == 422
    assert "larger than 5 MB" in answer.content.decode()


def test_many_people_come_in_by_few_statements(boss, django_assert_max_num_queries):
    user, client = boss
    mark = secrets.token_hex(4)
    draft = _hand_in(client, _file(*(f"{mark}-{n},Person {n},{mark}-{n}@example.org,," for n in range(2500))))
    client.post(f"/admin/people/imports/{draft.pk}/start/")
    draft.refresh_from_db()
    with django_assert_max_num_queries(30):
        tasks.import_people(draft.pk)
    assert User.objects.filter(invited_by=user).count() == 2500
