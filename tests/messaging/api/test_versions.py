"""What an edited message said before: for members, where the workspace lets."""

from collections.abc import Iterator

import pytest

from accounts import workspace
from accounts.actor import shell
from tests.messaging.api.calls import Caller
from tests.worlds import add, channel, delete, done, edit, group, person, remove, say


@pytest.fixture
def allowed() -> Iterator[None]:
    """Let members see it."""
    workspace.change(shell("tests"), {"edit_history": "yes"})
    yield
    workspace.change(shell("tests"), {"edit_history": "no"})


def _versions(who: Caller, conversation: int, seq: int) -> list[str]:
    found = who.pages(f"/conversations/{conversation}/messages/{seq}/versions", "versions", limit=2)
    return [version["body"] for version in found]


@pytest.mark.usefixtures("allowed")
def test_every_version_is_shown_first_to_last():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    seq, other = say(alice, conversation, "first"), say(alice, conversation, "another")
    edits = [done(edit(alice, conversation, seq, body)) for body in ("second", "third", "fourth")]
    done(edit(alice, conversation, other, "another's"))
    assert _versions(Caller(bob), conversation, seq) == ["first", "second", "third", "fourth"]
    page = Caller(bob).get(f"/conversations/{conversation}/messages/{seq}/versions").body
    assert [version["seq"] for version in page["versions"]] == [seq, *edits]
    log = Caller(bob).get(f"/conversations/{conversation}/events").body["events"]
    times = {event["seq"]: event["at"] for event in log}
    assert [version["at"] for version in page["versions"]] == [times[at] for at in (seq, *edits)]
    assert _versions(Caller(bob), conversation, other) == ["another", "another's"]


@pytest.mark.usefixtures("allowed")
def test_a_deleted_message_and_what_is_none_have_no_versions():
    alice = person("alice")
    conversation = channel(alice)
    seq = say(alice, conversation, "first")
    edited = done(edit(alice, conversation, seq, "second"))
    hers = Caller(alice)
    for at in (1, edited, 10**6, 10**30):
        assert hers.get(f"/conversations/{conversation}/messages/{at}/versions").refusal == (404, "not_found")
    done(delete(alice, conversation, seq))
    assert hers.get(f"/conversations/{conversation}/messages/{seq}/versions").refusal == (404, "not_found")


@pytest.mark.usefixtures("allowed")
def test_who_was_away_sees_no_version_of_that_time():
    alice, bob = person("alice"), person("bob")
    conversation = group(alice, bob)
    seq = say(alice, conversation, "before")
    remove(alice, conversation, bob)
    done(edit(alice, conversation, seq, "meanwhile"))
    unseen = say(alice, conversation, "unseen")
    add(alice, conversation, bob)
    done(edit(alice, conversation, seq, "after"))
    done(edit(alice, conversation, unseen, "unseen still"))
    assert _versions(Caller(bob), conversation, seq) == ["before", "after"]
    refused = Caller(bob).get(f"/conversations/{conversation}/messages/{unseen}/versions")
    assert refused.refusal == (404, "not_found")


def test_as_shipped_nobody_is_shown_them():
    alice, mallory = person("alice"), person("mallory")
    conversation = channel(alice)
    seq = say(alice, conversation, "first")
    done(edit(alice, conversation, seq, "second"))
    address = f"/conversations/{conversation}/messages/{seq}/versions"
    assert Caller(alice).get(address).refusal == (403, "forbidden")
    assert Caller(mallory).get(address).refusal == (404, "not_found")
