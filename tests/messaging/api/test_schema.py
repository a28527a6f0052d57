"""The OpenAPI document: valid, complete, and true."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, ValidationError  # type: ignore[import-untyped]

from accounts import workspace
from accounts.actor import shell
from messaging import user_groups
from messaging.protocol.codec import JSON
from messaging.ways.routes import ROUTES
from tests.messaging.api.calls import API, Caller
from tests.serving import Server
from tests.worlds import bearer, built, channel, delete, done, edit, group, log_of, person, react, say

#: Every call and what is documented of it.
CALLS = {
    "/me": {"get"},
    "/me/state": {"get"},
    "/threads": {"get"},
    "/me/reports": {"get"},
    "/conversations/{conversation}/messages/{seq}/reports": {"post"},
    "/users": {"get"},
    "/conversations": {"get", "post"},
    "/conversations/{conversation}": {"get", "patch"},
    "/conversations/{conversation}/join": {"post"},
    "/conversations/{conversation}/pins": {"get"},
    "/conversations/{conversation}/messages/{seq}/versions": {"get"},
    "/conversations/{conversation}/mutes": {"get", "post"},
    "/conversations/{conversation}/mutes/{user}": {"delete"},
    "/conversations/{conversation}/bans": {"get", "post"},
    "/conversations/{conversation}/bans/{user}": {"delete"},
    "/groups": {"get"},
    "/groups/{group}/members": {"get"},
    "/channels": {"get"},
    "/conversations/{conversation}/messages": {"get", "post"},
    "/conversations/{conversation}/events": {"get"},
    "/conversations/{conversation}/members": {"get", "post"},
    "/conversations/{conversation}/receipts": {"get"},
    "/conversations/{conversation}/members/{user}": {"delete"},
}
#: Those that Django does not see.
WAYS = {"/events/stream": {"get"}, "/events/poll": {"get"}, "/events/commands": {"post"}}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    answer = Caller(person("alice")).get("/schema/")
    assert answer.status == 200
    return dict(answer.body)


def _operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, verb, operation) for path, verbs in schema["paths"].items() for verb, operation in verbs.items()]


def test_it_is_valid_openapi_31(schema):
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)
    for name, component in schema["components"]["schemas"].items():
        Draft202012Validator.check_schema(component)
        assert name


def test_every_reference_leads_somewhere(schema):
    references = set(re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', json.dumps(schema)))
    assert references
    assert references <= schema["components"]["schemas"].keys()


def test_it_describes_every_call_that_there_is(schema):
    described = {path.removeprefix(API): set(verbs) for path, verbs in schema["paths"].items()}
    assert described == CALLS | WAYS
    assert {f"{API}{path}": verbs for path, verbs in WAYS.items()} == {
        path: {verb.lower()} for path, (verb, _) in ROUTES.items()
    }
    patterns = [str(route.pattern) for route in get_resolver("messaging.api.urls").url_patterns]
    routes = {"/" + re.sub(r"<int:(.*?)>", r"{\1}", pattern) for pattern in patterns}
    assert routes - {"/schema/"} == CALLS.keys()


def test_every_call_says_what_it_does_what_it_takes_and_what_it_refuses(schema):
    for path, verb, operation in _operations(schema):
        assert operation["summary"], (path, verb)
        assert operation["security"], (path, verb)
        responses = operation["responses"]
        assert any(status.startswith("2") for status in responses), (path, verb)
        for status, response in responses.items():
            shown = "text/event-stream" if path.endswith("/stream") else "application/json"
            expected = "application/problem+json" if status >= "4" else shown
            assert status < "4" or response["description"]
            assert status == "204" or list(response["content"]) == [expected], (path, verb, status)
        assert {"400", "401", "403", "503"} <= responses.keys(), (path, verb)
        assert "{" not in path or "404" in responses
        assert verb == "get" or "429" in responses or verb == "delete"
        has_body = verb in ("post", "patch") and not path.endswith("/join")
        assert has_body == ("requestBody" in operation), (path, verb)
        named = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert set(re.findall(r"{(\w+)}", path)) <= named, (path, verb)


def _check(schema: dict[str, Any], path: str, verb: str, status: int, body: Any) -> None:
    """Hold a body to what the document says of it."""
    response = schema["paths"][f"{API}{path}"][verb]["responses"][str(status)]
    (content,) = response["content"].values()
    Draft202012Validator({**content["schema"], "components": schema["components"]}).validate(body)


@pytest.fixture
def former_versions() -> Iterator[None]:
    """Let members see what an edited message said before."""
    workspace.change(shell("tests"), {"edit_history": "yes"})
    yield
    workspace.change(shell("tests"), {"edit_history": "no"})


@pytest.mark.usefixtures("former_versions")
def test_what_the_calls_answer_is_what_it_describes(schema):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob, name="described")
    group(alice, bob)
    target = say(alice, conversation, f"<@{bob.pk}> <&1> words")
    done(edit(alice, conversation, target, "other words"))
    done(react(bob, conversation, target))
    say(bob, conversation, "reply", thread=target)
    done(delete(alice, conversation, say(alice, conversation, "gone")))
    duty = user_groups.make(shell("tests"), f"duty-{conversation}", "On duty")
    user_groups.move(shell("tests"), duty, add=[bob.pk])
    hers = Caller(alice)
    for path, verbs in CALLS.items():
        if "get" in verbs:
            answer = hers.get(path.format(conversation=conversation, seq=target, group=duty.pk))
            assert answer.status == 200
            _check(schema, path, "get", 200, answer.body)
        missing = hers.get(path.replace("{conversation}", "100000000").replace("{seq}", str(target)))
        if "{conversation}" in path and "get" in verbs:
            _check(schema, path, "get", 404, missing.body)
    members = "/conversations/{conversation}/members"
    carol = person("carol")
    added = hers.post(members.format(conversation=conversation), {"user": carol.pk})
    _check(schema, members, "post", 201, added.body)
    said = hers.say(conversation, "by post")
    _check(schema, "/conversations/{conversation}/messages", "post", 201, said.body)
    made = hers.post("/conversations", {"kind": "direct", "members": [bob.pk]})
    _check(schema, "/conversations", "post", made.status, made.body)


def test_a_live_event_is_as_it_describes_it(schema):
    alice = person("alice")
    conversation = channel(alice)
    say(alice, conversation, "words")
    described = {**schema["components"]["schemas"]["EventFrame"], "components": schema["components"]}
    for event in log_of(conversation):
        frame = json.loads(JSON.event_payload(JSON.encode(event)))
        assert frame["type"] == "event"
        Draft202012Validator(described).validate(frame)
        with pytest.raises(ValidationError):
            Draft202012Validator(described).validate({"type": "event", "event": frame})


async def test_what_the_ways_in_answer_is_what_it_describes(schema, site: Server):
    alice, mallory = [await built(person, name) for name in ("alice", "mallory")]
    conversation = await built(channel, alice)
    await built(say, alice, conversation, "words")
    poll, commands, stream = "/events/poll", "/events/commands", "/events/stream"
    said = {"type": "send", "id": str(uuid4()), "conversation": conversation, "body": "by post"}
    frames = {"frames": [said, said | {"id": "no"}, {"type": "ping", "n": 1}, {"type": "sync", "cursors": {}}]}
    async with site.client(await built(bearer, alice)) as hers, site.client() as nobody:
        answers = [
            (poll, await hers.get(f"{API}{poll}")),
            (poll, await hers.get(f"{API}{poll}?cursors={conversation}:1&wait=0")),
            (poll, await hers.get(f"{API}{poll}?wait=-1")),
            (poll, await nobody.get(f"{API}{poll}")),
            (commands, await hers.post(f"{API}{commands}", json=frames)),
            (commands, await hers.post(f"{API}{commands}", json={"frames": []})),
            (commands, await hers.post(f"{API}{commands}", content=b"{}")),
            (commands, await hers.post(f"{API}{commands}", json={"frames": ["x" * 2**20]})),
            (commands, await nobody.post(f"{API}{commands}", json=frames)),
            (stream, await hers.get(f"{API}{stream}?cursors=x")),
            (stream, await nobody.get(f"{API}{stream}")),
        ]
    async with site.client(await built(bearer, mallory, "write")) as writer:
        answers += [(path, await writer.get(f"{API}{path}")) for path in (poll, stream)]
    assert [answer.status_code for _, answer in answers] == [
        200,
        200,
        400,
        401,
        200,
        400,
        415,
        413,
        403,
        400,
        401,
        403,
        403,
    ]
    kinds = {frame["type"] for _, answer in answers if answer.status_code == 200 for frame in answer.json()["frames"]}
    assert kinds == {"welcome", "events", "ack", "error", "pong"}
    for path, answer in answers:
        (verb,) = WAYS[path]
        assert list(schema["paths"][f"{API}{path}"][verb]["responses"][str(answer.status_code)]["content"]) == [
            answer.headers["content-type"]
        ]
        _check(schema, path, verb, answer.status_code, answer.json())


@pytest.mark.parametrize(
    "path", ["/nothing", "/conversations/x", "/conversations/1/nothing", "/me/", "/conversations/-1"]
)
def test_an_address_that_is_none_is_a_problem_too(path):
    assert Caller(person("alice")).get(path).refusal == (404, "not_found")
    assert Caller().get(path).status in (401, 404)


def test_a_verb_that_a_call_does_not_have_is_a_problem_too():
    alice = Caller(person("alice"))
    assert alice.post("/me", {}).refusal == (405, "method_not_allowed")
    assert alice.delete("/conversations").refusal == (405, "method_not_allowed")
    assert alice.get("/conversations/1/members/1").status == 405
