"""What OpenAPI says of a call, from its structs."""

from http import HTTPStatus
from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from messaging.api.wire import schema
from messaging.protocol import bodies

_PAGING = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="What the page before gave; none for the first."),
    OpenApiParameter("limit", OpenApiTypes.INT, description="At most 200; 50 by default."),
]


#: What any call may answer: not signed in, not allowed, no other form than JSON, and the database away.
_ALWAYS = (401, 403, 406, 503)
PROBLEM = "application/problem+json"


def problem(status: int) -> dict[str, Any]:
    """Describe the answer of an error, for a call that the framework does not see."""
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM: {"schema": schema(bodies.Problem)}}}


def _problems(*statuses: int) -> dict[Any, Any]:
    described = {s: OpenApiResponse(schema(bodies.Problem), HTTPStatus(s).phrase) for s in (*_ALWAYS, *statuses)}
    return {(status, PROBLEM): described[status] for status in sorted(described)}


def shows(
    struct: type[msgspec.Struct], summary: str, parameters: list[OpenApiParameter] | None = None
) -> dict[str, Any]:
    """Describe a call that shows something."""
    return {
        "summary": summary,
        "parameters": parameters or [],
        "responses": {(200, "application/json"): schema(struct), **_problems(400, 404)},
    }


def lists(
    struct: type[msgspec.Struct], summary: str, parameters: list[OpenApiParameter] | None = None
) -> dict[str, Any]:
    """Describe a call that pages through a list."""
    return shows(struct, summary, [*_PAGING, *(parameters or [])])


def creates(body: type[msgspec.Struct], made: type[msgspec.Struct], summary: str) -> dict[str, Any]:
    """Describe a call that adds something: 201, or 200 where it was there."""
    return {
        "summary": summary,
        "request": {"application/json": schema(body)},
        "responses": {
            (200, "application/json"): schema(made),
            (201, "application/json"): schema(made),
            **_problems(400, 404, 409, 413, 429),
        },
    }


def does(made: type[msgspec.Struct], summary: str) -> dict[str, Any]:
    """Describe a call that takes no body: 201, or 200 where it was so already."""
    described = creates(made, made, summary)
    return described | {"request": None}


def changes(body: type[msgspec.Struct], made: type[msgspec.Struct], summary: str) -> dict[str, Any]:
    """Describe a call that changes something and shows it."""
    described = creates(body, made, summary)
    del described["responses"][201, "application/json"]
    return described


def removes(summary: str) -> dict[str, Any]:
    """Describe a call that takes something away."""
    return {"summary": summary, "responses": {204: None, **_problems(400, 404, 409)}}


def whole(name: str, description: str) -> OpenApiParameter:
    """Describe a parameter that is a whole number."""
    return OpenApiParameter(name, OpenApiTypes.INT, description=description)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes bearer tokens."""

    target_class = "accounts.access.tokens.BearerAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Give the security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A token of `manage.py token USERNAME`."}
