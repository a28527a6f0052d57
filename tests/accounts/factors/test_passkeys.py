"""Passkeys by an authenticator in software, which can lie about everything that is checked."""

import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from webauthn.helpers import bytes_to_base64url

from accounts.factors import passkeys, relying_party
from accounts.models import Passkey, User
from audit.models import Entry
from tests.accounts.factors.doors import browser, code, give_app, is_in, is_verified, member, password
from tests.accounts.factors.keyring import HOST, give_passkey, options, sign_in, signed_in, visitor
from tests.accounts.factors.softkey import PRESENT, SoftKey

pytestmark = pytest.mark.usefixtures("any_host")


def test_one_is_made_and_counts():
    alice = member("alice")
    client, key = signed_in(alice), SoftKey()
    asked = options(client, "add")
    assert asked["rp"]["id"] == HOST
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert alice.email not in str(asked)
    page = client.post("/settings/factors/passkey/", {"passkey": key.make(asked), "name": " Work  laptop "})
    assert len(page.context["codes"]) == 10
    (kept,) = Passkey.objects.filter(user=alice)
    assert (kept.name, kept.relying_party, kept.transports) == ("Work laptop", HOST, ["internal"])
    assert is_verified(client)
    entry = Entry.objects.filter(verb="factor.add", target=f"user:{alice.pk}").earliest("pk")
    assert entry.after == {"factor": "passkey", "name": "Work laptop"}


def test_a_second_one_is_of_the_same_person_and_the_first_is_not_offered_again():
    alice = member("alice")
    key = give_passkey(alice)
    client = visitor()
    sign_in(client, key.show(options(client, "signin")))
    asked = options(client, "add")
    assert asked["user"]["id"].rstrip("=") != ""
    assert [kept["id"] for kept in asked["excludeCredentials"]] == [_id(key)]
    again = SoftKey()
    again.id = key.id
    refused = client.post("/settings/factors/passkey/", {"passkey": again.make(asked)})
    assert refused.status_code == 400
    assert "set up already" in refused.content.decode()
    other = SoftKey()
    client.post("/settings/factors/passkey/", {"passkey": other.make(options(client, "add"))})
    assert other.handle == key.handle
    assert Passkey.objects.filter(user=alice).count() == 2


def _id(key: SoftKey) -> str:
    return bytes_to_base64url(key.id)


@pytest.mark.parametrize(
    ("flags", "lies"),
    [
        (PRESENT, {}),
        (None, {"origin": "https://chat.example.org"}),
        (None, {"origin": "http://evil.example"}),
        (None, {"challenge": "AAAA"}),
        (None, {"kind": "webauthn.get"}),
    ],
)
def test_one_that_was_made_otherwise_is_not_kept(flags, lies):
    alice = member("alice")
    client, key = signed_in(alice), SoftKey()
    made = key.make(options(client, "add"), **({"flags": flags} if flags else {}), **lies)
    refused = client.post("/settings/factors/passkey/", {"passkey": made})
    assert refused.status_code == 400
    assert "was not made" in refused.content.decode()
    assert not Passkey.objects.filter(user=alice).exists()


def test_one_is_kept_only_while_the_step_up_lasts():
    alice = member("alice")
    client, key = signed_in(alice), SoftKey()
    made = key.make(options(client, "add"))
    session = client.session
    del session["stepped_up_at"]
    session.save()
    answer = client.post("/settings/factors/passkey/", {"passkey": made})
    assert answer.status_code in (302, 403)
    assert not Passkey.objects.filter(user=alice).exists()


def test_it_signs_in_alone_leads_on_and_is_verified():
    alice = member("alice")
    key = give_passkey(alice)
    client = visitor()
    asked = options(client, "signin")
    assert asked["allowCredentials"] == []
    answer = sign_in(client, key.show(asked), next="/c/12")
    assert (answer.status_code, answer["Location"]) == (302, "/c/12")
    assert client.get("/api/v1/me").json()["id"] == alice.pk
    assert is_verified(client)
    entry = Entry.objects.filter(verb="session.open", target=f"user:{alice.pk}").latest("pk")
    assert entry.after == {"method": "passkey", "factor": "passkey"}
    kept = Passkey.objects.get(user=alice)
    assert kept.sign_count == 1
    assert kept.last_used_at is not None


def test_it_leads_to_no_page_of_others():
    key = give_passkey(member("alice"))
    client = visitor()
    answer = sign_in(client, key.show(options(client, "signin")), next="https://evil.example/")
    assert answer["Location"] == "/"


@pytest.mark.parametrize(
    ("flags", "lies"),
    [
        (PRESENT, {}),
        (None, {"origin": "http://evil.example"}),
        (None, {"origin": "http://chat.example.org:8000"}),
        (None, {"origin": "https://chat.example.org.evil.example"}),
        (None, {"party": "evil.example"}),
        (None, {"challenge": "AAAA"}),
        (None, {"kind": "webauthn.create"}),
        (None, {"handle": b"somebody else"}),
        (None, {"key": ec.generate_private_key(ec.SECP256R1())}),
    ],
)
def test_one_that_is_shown_otherwise_lets_nobody_in(flags, lies):
    alice = member("alice")
    key = give_passkey(alice)
    client = visitor()
    shown = key.show(options(client, "signin"), **({"flags": flags} if flags else {}), **lies)
    refused = sign_in(client, shown)
    assert refused.status_code == 401
    assert "not accepted" in refused.content.decode()
    assert not is_in(client)
    assert Passkey.objects.get(user=alice).sign_count == 0
    entry = Entry.objects.filter(verb="session.refuse", target=f"user:{alice.pk}").get()
    assert entry.after == {"factor": "passkey", "outcome": "signature"}


def test_an_answer_counts_once():
    key = give_passkey(member("alice"))
    client = visitor()
    shown = key.show(options(client, "signin"))
    assert sign_in(client, shown).status_code == 302
    client.post("/signout/")
    assert sign_in(client, shown).status_code == 401
    assert not is_in(client)


def test_an_answer_counts_where_it_was_asked_for():
    key = give_passkey(member("alice"))
    here, there = visitor(), visitor()
    shown = key.show(options(here, "signin"))
    options(there, "signin")
    assert sign_in(there, shown).status_code == 401
    refused = sign_in(visitor(), shown)
    assert refused.status_code == 401


def test_a_challenge_is_used_up_by_a_wrong_answer_too():
    key = give_passkey(member("alice"))
    client = visitor()
    asked = options(client, "signin")
    assert sign_in(client, key.show(asked, origin="http://evil.example")).status_code == 401
    assert sign_in(client, key.show(asked)).status_code == 401


def test_a_challenge_lasts_five_minutes(monkeypatch):
    key = give_passkey(member("alice"))
    client = visitor()
    shown = key.show(options(client, "signin"))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert sign_in(client, shown).status_code == 401


@pytest.mark.parametrize(("late_s", "is_kept"), [(298, True), (301, False)])
def test_one_that_is_made_is_awaited_for_five_minutes(monkeypatch, late_s, is_kept):
    alice = member("alice")
    client, key = signed_in(alice), SoftKey()
    made = key.make(options(client, "add"))
    now = time.time()
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: now + late_s)
        client.post("/settings/factors/passkey/", {"passkey": made})
    assert Passkey.objects.filter(user=alice).exists() == is_kept


def test_a_copy_whose_counter_is_behind_is_refused_and_on_the_trail():
    alice = member("alice")
    key = give_passkey(alice)
    for _ in range(3):
        client = visitor()
        assert sign_in(client, key.show(options(client, "signin"))).status_code == 302
    for count in (2, 0, -1):
        key.count = count  # the next one it shows is 3, then 1, then 0
        client = visitor()
        refused = sign_in(client, key.show(options(client, "signin")))
        assert refused.status_code == 401
        assert "copied" in refused.content.decode()
        assert not is_in(client)
    entry = Entry.objects.filter(verb="session.refuse", target=f"user:{alice.pk}").get()
    assert entry.after == {"factor": "passkey", "outcome": "counter"}
    key.count = 3
    client = visitor()
    assert sign_in(client, key.show(options(client, "signin"))).status_code == 302


def test_those_that_do_not_count_are_taken():
    key = give_passkey(member("alice"))
    for _ in range(2):
        key.count = -1
        client = visitor()
        assert sign_in(client, key.show(options(client, "signin"))).status_code == 302


def test_as_the_second_step():
    alice, mallory = member("alice"), member("mallory")
    key, foreign = give_passkey(alice), give_passkey(mallory)
    client = visitor()
    assert password(client, alice, next="/c/12")["Location"] == "/signin/second/"
    asked = options(client, "second")
    assert [kept["id"] for kept in asked["allowCredentials"]] == [_id(key)]
    assert client.post("/signin/second/", {"passkey": foreign.show(asked)}).status_code == 401
    assert not is_in(client)
    shown = key.show(options(client, "second"))
    assert client.post("/signin/second/", {"passkey": shown})["Location"] == "/c/12"
    assert client.get("/api/v1/me").json()["id"] == alice.pk
    assert is_verified(client)


def test_an_authenticator_may_leave_out_whose_it_is_where_that_is_known():
    alice = member("alice")
    key = give_passkey(alice)
    client = visitor()
    password(client, alice)
    shown = key.show(options(client, "second"), handle=None)
    assert client.post("/signin/second/", {"passkey": shown}).status_code == 302
    assert is_verified(client)


def test_to_show_that_it_is_you():
    alice = member("alice")
    key = give_passkey(alice)
    client = visitor()
    sign_in(client, key.show(options(client, "signin")))
    session = client.session
    del session["stepped_up_at"]
    session.save()
    assert client.post("/settings/factors/recovery/").status_code == 302
    refused = client.post("/passkeys/options/", {"purpose": "add"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up")
    shown = key.show(options(client, "stepup"))
    assert client.post("/stepup/", {"passkey": shown, "next": "/settings/factors/"}).status_code == 302
    assert client.post("/settings/factors/recovery/").status_code == 200


def test_what_was_asked_for_one_purpose_serves_no_other():
    alice = member("alice")
    key = give_passkey(alice)
    client = visitor()
    sign_in(client, key.show(options(client, "signin")))
    shown = key.show(options(client, "stepup"))
    assert sign_in(client, shown).status_code == 401


@pytest.mark.parametrize("purpose", ["", "second", "stepup", "add", "admin"])
def test_a_stranger_is_given_options_for_signing_in_alone(purpose):
    answer = visitor().post("/passkeys/options/", {"purpose": purpose}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_who_is_suspended_or_has_removed_it_does_not_come_in():
    alice = member("alice")
    key = give_passkey(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    client = visitor()
    assert sign_in(client, key.show(options(client, "signin"))).status_code == 401
    User.objects.filter(pk=alice.pk).update(is_active=True)
    Passkey.objects.filter(user=alice).delete()
    assert sign_in(client, key.show(options(client, "signin"))).status_code == 401
    assert not is_in(client)


def test_an_address_in_numbers_has_none():
    alice = member("alice")
    client = browser(alice)
    refused = client.post(
        "/passkeys/options/", {"purpose": "signin"}, headers={"Host": "127.0.0.1", "Accept": "application/json"}
    )
    assert refused.status_code == 400
    assert "by its name" in refused.json()["detail"]


def test_where_two_names_lead_here_each_has_its_own():
    alice = member("alice")
    key = give_passkey(alice)
    other = Client(headers={"Host": "chat.internal"})
    give_app(alice)
    password(other, alice)
    refused = other.post("/passkeys/options/", {"purpose": "second"}, headers={"Accept": "application/json"})
    assert refused.status_code == 404
    assert sign_in(other, key.show(options(other, "signin"))).status_code == 401
    assert other.post("/signin/second/", {"code": code()}).status_code == 302


@override_settings(
    CSRF_TRUSTED_ORIGINS=["https://chat.example.org", "https://www.chat.example.org", "https://b.example"]
)
def test_trusted_origins_of_this_name_count():
    for origin, status in {
        "https://chat.example.org": 302,
        "https://www.chat.example.org": 302,
        "https://b.example": 401,
        "https://achat.example.org": 401,
    }.items():
        key = give_passkey(member("alice"))
        client = visitor()
        assert sign_in(client, key.show(options(client, "signin"), origin=origin)).status_code == status, origin


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=300) | st.just("x" * (passkeys.ANSWER_LENGTH + 1)) | st.just("[" * 10_000))
def test_what_is_no_answer_is_refused(text):
    client = visitor()
    options(client, "signin")
    assert sign_in(client, text).status_code == 401


@settings(deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=80))
def test_what_is_no_attestation_is_refused(client_data, attestation, name):
    party = relying_party.RelyingParty(HOST, [f"http://{HOST}"])
    key = SoftKey()
    key.id = name
    response = {
        "clientDataJSON": bytes_to_base64url(client_data),
        "attestationObject": bytes_to_base64url(attestation),
    }
    assert passkeys._verify_made(key._written(response), b"challenge", party) is None
