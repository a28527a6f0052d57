"""Four eyes in the administration: what is asked for is shown whole, and exactly that is approved."""

import pytest
from django.utils import timezone

from accounts.actor import Actor, system
from accounts.authority import approvals, approvers
from accounts.models import Approval, Grant, User
from tests.accounts.admin.desks import desk, holder
from tests.worlds import person


def _ask(owner: User, bob: User, role: str = "owner") -> Approval:
    asks = Actor(owner, "session", stepped_up_at=timezone.now())
    verb = "owner.grant" if role == "owner" else "officer.propose"
    return approvals.ask(asks, verb, {"user": bob.pk, "role": role}, subject=bob, reason="we need <another> one")


@pytest.fixture
def asked() -> tuple[User, User, Approval]:
    """Give an owner, whom the owner wants as another one, and the request."""
    owner, bob = holder("owner"), person("bob")
    return owner, bob, _ask(owner, bob)


def test_a_request_is_shown_in_words_and_as_data_with_who_may_and_why_not_oneself(asked, monkeypatch):
    monkeypatch.setattr(approvers, "NAMED", 10_000)  # other tests' owners are there as well
    owner, bob, approval = asked
    second = holder("owner")
    page = desk(owner).get(f"/admin/approvals/{approval.pk}/").content.decode()
    for words in (
        f"Bob (@{bob.username}) becomes an owner",
        bytes(approval.digest).hex(),
        "we need &lt;another&gt; one",
        "You asked for this yourself",
        f"@{second.username}",
        "Withdraw…",
    ):
        assert words in page
    assert "Approve…" not in page
    assert "Approve…" in desk(second).get(f"/admin/approvals/{approval.pk}/").content.decode()


def test_exactly_what_was_shown_is_approved(asked):
    _owner, bob, approval = asked
    client = desk(holder("owner"))
    path = f"/admin/approvals/{approval.pk}/approve/"
    page = client.get(path).content.decode()
    assert f'name="digest" value="{bytes(approval.digest).hex()}"' in page
    Approval.objects.filter(pk=approval.pk).update(request={"user": bob.pk, "role": "owner", "more": 1})
    for digest in (bytes(approval.digest).hex(), "0" * 64, "z" * 64):
        refused = client.post(path, {"digest": digest})
        assert refused.status_code == 422
        assert "not the one that was shown" in refused.content.decode()
    assert not Grant.objects.filter(user=bob).exists()


def test_approving_does_it_and_says_who_did(asked):
    _owner, bob, approval = asked
    second = holder("owner")
    client = desk(second)
    done = client.post(f"/admin/approvals/{approval.pk}/approve/", {"digest": bytes(approval.digest).hex()})
    assert done.status_code == 302
    assert Grant.objects.get(user=bob, role="owner").ended_at is None
    page = client.get(f"/admin/approvals/{approval.pk}/").content.decode()
    assert "Approved" in page
    assert f"@{second.username}" in page
    assert client.post(f"/admin/approvals/{approval.pk}/approve/", {"digest": "0" * 64}).status_code == 422


def test_one_s_own_is_withdrawn_and_another_s_refused(asked):
    owner, bob, approval = asked
    second = desk(holder("owner"))
    assert second.post(f"/admin/approvals/{approval.pk}/withdraw/").status_code == 404
    assert second.post(f"/admin/approvals/{approval.pk}/refuse/").status_code == 302
    approval.refresh_from_db()
    assert approval.state == "refused"
    another = _ask(owner, bob)
    assert desk(owner).post(f"/admin/approvals/{another.pk}/withdraw/").status_code == 302
    another.refresh_from_db()
    assert another.state == "withdrawn"


def test_an_officer_sees_what_officers_decide_and_nothing_else(asked):
    owner, _bob, about_owner = asked
    about_officer = _ask(owner, person("carol"), "officer")
    client = desk(holder("officer"))
    assert client.get(f"/admin/approvals/{about_owner.pk}/").status_code == 404
    assert client.get(f"/admin/approvals/{about_officer.pk}/").status_code == 200
    page = client.get("/admin/approvals/").content.decode()
    assert f"/admin/approvals/{about_officer.pk}/" in page
    assert f"/admin/approvals/{about_owner.pk}/" not in page


def test_an_administrator_does_not_see_what_owners_decide(asked):
    _owner, _bob, approval = asked
    client = desk(holder("administrator"))
    for door in ("", "approve/", "refuse/", "withdraw/"):
        assert client.get(f"/admin/approvals/{approval.pk}/{door}").status_code == 404


def test_what_was_decided_is_in_the_history(asked):
    owner, _bob, approval = asked
    client = desk(owner)
    client.post(f"/admin/approvals/{approval.pk}/withdraw/")
    link = f"/admin/approvals/{approval.pk}/"
    assert link not in client.get("/admin/approvals/").content.decode()
    assert link in client.get("/admin/approvals/?state=closed").content.decode()


def test_one_that_lapsed_says_so_marked_or_not(asked):
    owner, _bob, approval = asked
    Approval.objects.filter(pk=approval.pk).update(lapses_at=timezone.now())
    client = desk(owner)
    for _again in range(2):
        page = client.get(f"/admin/approvals/{approval.pk}/").content.decode()
        assert page.count("Lapsed") == 2  # its state, and since when
        assert "Withdraw…" not in page
        assert "Lapsed" in client.get("/admin/approvals/?state=closed").content.decode()
        assert f"/admin/approvals/{approval.pk}/" not in client.get("/admin/approvals/").content.decode()
        approvals.lapse(system("approvals"))
    approval.refresh_from_db()
    assert approval.state == Approval.State.LAPSED
