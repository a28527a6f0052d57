"""Saying something by POST: what is taken, what is refused, and how."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.messaging.api.calls import Caller
from tests.worlds import channel, log_of, person, say


def test_a_message_is_acked_as_by_the_socket_and_a_second_time_as_a_duplicate():
    alice = person("alice")
    conversation = channel(alice)
    hers, id = Caller(alice), str(uuid4())
    first = hers.say(conversation, "once", id=id)
    second = hers.say(conversation, "once", id=id)
    at = log_of(conversation)[-1].at
    ack = {"id": id, "conversation": conversation, "seq": 2, "at": at}
    assert (first.status, {k: v for k, v in first.body.items() if k != "type"}) == (201, ack)
    assert (second.status, {k: v for k, v in second.body.items() if k != "type"}) == (200, ack | {"duplicate": True})
    assert hers.say(conversation, "other words", id=id).refusal == (400, "malformed")
    assert hers.bodies(conversation) == ["once"]


@pytest.mark.parametrize("body", ["x" * 16_000, "👋" * 16_000, "a", " leading and trailing ", "\u202eright to left"])
def test_words_are_kept_as_they_are(body):
    alice = person("alice")
    conversation = channel(alice)
    assert Caller(alice).say(conversation, body).status == 201
    assert Caller(alice).bodies(conversation) == [body]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("x" * 16_001, (413, "too_large")),
        ("👋" * 16_001, (413, "too_large")),
        ("", (400, "malformed")),
        (" \n\t ", (400, "malformed")),
        ("NUL \x00", (400, "malformed")),
    ],
)
def test_words_that_cannot_be_taken_are_refused(body, refusal):
    alice = person("alice")
    conversation = channel(alice)
    assert Caller(alice).say(conversation, body).refusal == refusal
    assert len(log_of(conversation)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "not a uuid"},
        {"id": 5},
        {"body": None},
        {"body": 5},
        {"thread": "2"},
        {"thread": 10**30},
        {"thread": 1.5},
        {"said_at": "yesterday"},
        {"said_at": "2026-01-01T00:00:00"},
        {"said_at": "0001-01-01T00:00:00+23:59"},
        {"said_at": "9999-12-31T23:59:59-23:59"},
        {"said_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()},
        {"attachments": "x"},
        {"colour": "red"},
        {"author": 1},
        {"at": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_malformed_body_is_refused_in_a_sentence(fields):
    alice = person("alice")
    conversation = channel(alice)
    answer = Caller(alice).post(
        f"/conversations/{conversation}/messages", {"id": str(uuid4()), "body": "words"} | fields
    )
    assert answer.refusal == (400, "malformed")
    assert len(log_of(conversation)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"words"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id": "0194f0c0-0000-7000-8000-000000000000", "body": "lone \\ud800 surrogate"}',
        b'{"id": "0194f0c0-0000-7000-8000-000000000000", "body": "bytes \xed\xa0\x80"}',
    ],
)
def test_a_body_that_is_not_json_or_not_text_is_refused(raw):
    alice = person("alice")
    conversation = channel(alice)
    answer = Caller(alice).post(f"/conversations/{conversation}/messages", raw=raw)
    assert answer.refusal == (400, "malformed")
    assert len(log_of(conversation)) == 1


def test_a_request_of_more_than_a_mebibyte_is_refused():
    alice = person("alice")
    conversation = channel(alice)
    answer = Caller(alice).post(f"/conversations/{conversation}/messages", raw=b" " * ((1 << 20) + 1))
    assert answer.refusal == (413, "too_large")


def test_a_reply_needs_a_root_that_is_a_message():
    alice = person("alice")
    conversation = channel(alice)
    root = say(alice, conversation, "root")
    hers = Caller(alice)
    reply = hers.say(conversation, "reply", thread=root)
    assert reply.status == 201
    assert hers.say(conversation, "to a reply", thread=reply.body["seq"]).refusal == (400, "malformed")
    for nothing in (1, 10**9, 2**53 - 1):
        assert hers.say(conversation, "to nothing", thread=nothing).refusal == (404, "not_found")
    for impossible in (0, -1):
        assert hers.say(conversation, "to nothing", thread=impossible).status in (400, 404)


def test_an_attachment_that_is_not_there_is_not_found():
    alice = person("alice")
    conversation = channel(alice)
    assert Caller(alice).say(conversation, "see here", attachments=[1]).refusal == (404, "not_found")


def test_a_time_that_was_claimed_is_kept_beside_the_witnessed_one():
    alice = person("alice")
    conversation = channel(alice)
    assert Caller(alice).say(conversation, "offline", said_at="2026-01-01T02:00:00.5+02:00").status == 201
    (shown,) = Caller(alice).messages(conversation)
    assert (shown["said_at"], shown["source"]) == ("2026-01-01T00:00:00.500000Z", "client")
    assert shown["at"] > shown["said_at"]


def test_a_message_names_whom_it_mentions():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    conversation = channel(alice, bob, carol)
    Caller(alice).say(conversation, f"<@{bob.pk}> and <@{bob.pk}> and <!here>")
    assert Caller(alice).messages(conversation)[0]["mentions"] == [bob.pk, "here"]
    assert (
        Caller(bob).get(f"/conversations/{conversation}").body["mentions"] == 1
    )  # one message, however often it names one
    assert Caller(carol).get(f"/conversations/{conversation}").body["mentions"] == 1
