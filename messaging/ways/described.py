"""What OpenAPI says of the ways in: Django does not see them, so that its framework can't describe them."""

from typing import Any

from messaging.api.describe import problem
from messaging.api.wire import schema
from messaging.protocol import bodies

Operation = dict[str, Any]

_DEVICE = "A UUID of the client's own making, by which its commands name what it hears by."
_CURSORS = "Up to where each log is known: conversation and seq, such as 12:345,13:9."


def add_paths(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Put the ways in into the OpenAPI document (a hook of drf-spectacular)."""
    security: list[dict[str, list[str]]] = [{name: []} for name in result["components"]["securitySchemes"]]
    for path, verb, operation in (
        ("stream", "get", _stream()),
        ("poll", "get", _poll()),
        ("commands", "post", _commands()),
    ):
        described = {"operationId": f"events_{path}", "tags": ["events"], "security": security, **operation}
        result["paths"][f"/api/v1/events/{path}"] = {verb: described}
    result["paths"] = dict(sorted(result["paths"].items()))
    return result


def _stream() -> Operation:
    events = {"text/event-stream": {"schema": {"type": "string", "description": "Each `data:` is a frame in JSON."}}}
    last = _parameter("Last-Event-ID", "header", "Cursors as the stream named them, by which it goes on.")
    return {
        "summary": "The socket's frames as server-sent events",
        "parameters": [_parameter("cursors", "query", _CURSORS), _parameter("device", "query", _DEVICE), last],
        "responses": {"200": {"description": "", "content": events}, **_problems(400, 401, 403, 429, 503)},
    }


def _poll() -> Operation:
    wait = {"type": "integer", "minimum": 0, "default": 25, "description": "What is over 25 counts as 25."}
    return {
        "summary": "What has happened since the last poll, or within a while",
        "parameters": [
            _parameter("cursors", "query", f"{_CURSORS} Without them it is answered as after a `hello`."),
            {"name": "wait", "in": "query", "description": "For so many seconds at most.", "schema": wait},
            _parameter("device", "query", _DEVICE),
            _parameter("welcome", "query", "Beside cursors: answer with a welcome too."),
        ],
        "responses": {"200": _json(bodies.Polled), **_problems(400, 401, 403, 429, 503)},
    }


def _commands() -> Operation:
    return {
        "summary": "Carry out frames, in their order",
        "requestBody": {"content": {"application/json": {"schema": schema(bodies.Said)}}, "required": True},
        "responses": {"200": _json(bodies.Answered), **_problems(400, 401, 403, 413, 415, 429, 503)},
    }


def _parameter(name: str, place: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": place, "description": description, "schema": {"type": "string"}}


def _json(struct: type[Any]) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema(struct)}}}


def _problems(*statuses: int) -> dict[str, Any]:
    return {str(status): problem(status) for status in statuses}
