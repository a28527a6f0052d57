"""Refusals over HTTP: RFC 9457 problem details with the protocol's `code`."""

from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.refusal import Refusal
from messaging.inbound import DETAILS
from messaging.log import RETRY_AFTER_S
from messaging.protocol.bodies import Problem
from messaging.protocol.codec import Refused

STATUS: dict[str, int] = {
    "malformed": 400,
    "not_found": 404,
    "forbidden": 403,
    "muted": 403,
    "archived": 409,
    "held": 409,
    "step_up": 403,
    "too_large": 413,
    "slow_mode": 429,
    "rate_limited": 429,
    "unavailable": 503,
}


def refused(code: str, detail: str | None = None, retry_after: float | None = None) -> Refused:
    """Make the refusal of a code, with its usual sentence."""
    return Refused(code, detail or DETAILS[code], retry_after=retry_after)  # type: ignore[arg-type]


def _problem(status: int, code: str, detail: str, retry_after: float | None = None) -> Response:
    title = HTTPStatus(status).phrase
    body = Problem(type="about:blank", title=title, status=status, detail=detail, code=code, retry_after=retry_after)
    headers = {} if retry_after is None else {"Retry-After": str(max(1, round(retry_after)))}
    # As plain values: the schema's own renderer knows no structs.
    plainly = msgspec.to_builtins(body)
    return Response(plainly, status=status, headers=headers, content_type="application/problem+json")


def is_away(error: BaseException | None) -> bool:
    """Tell whether an error says that the database can't be reached, or answers no more."""
    return isinstance(error, (OperationalError, InterfaceError, psycopg.OperationalError))


def unavailable() -> HttpResponse:
    """Make the problem details of a database that is away, outside a view."""
    response = plain(503, "unavailable", DETAILS["unavailable"], RETRY_AFTER_S)
    response.headers["Retry-After"] = str(max(1, round(RETRY_AFTER_S)))
    return response


def plain(status: int, code: str, detail: str | None = None, retry_after: float | None = None) -> HttpResponse:
    """Make problem details outside a view: no such address, a fault of ours, or what is said."""
    title = HTTPStatus(status).phrase
    usual = "There is no such call; /api/v1/schema/ has them all." if status == 404 else "A fault on our side."
    body = Problem(
        type="about:blank", title=title, status=status, detail=detail or usual, code=code, retry_after=retry_after
    )
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/problem+json")


def _of_framework(error: exceptions.APIException) -> Response:
    detail = str(error.detail) if not isinstance(error.detail, (list, dict)) else "The request can't be read."
    codes = {401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 429: "rate_limited"}
    response = _problem(error.status_code, codes.get(error.status_code, "malformed"), detail)
    challenge = getattr(error, "auth_header", None)
    if challenge:
        response["WWW-Authenticate"] = challenge
    return response


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into problem details; None leaves it to Django (a 500)."""
    set_rollback()
    match error:
        case Refused():
            refusal = error.error
            return _problem(STATUS.get(refusal.code, 400), refusal.code, refusal.detail, refusal.retry_after)
        case Refusal():
            return _problem(STATUS.get(error.code, 403), error.code, error.detail)
        case Http404():
            return _problem(404, "not_found", DETAILS["not_found"])
        case PermissionDenied():
            return _problem(403, "forbidden", str(error) or "You may not do this.")
        case RequestDataTooBig():
            return _problem(413, "too_large", "The body of a request has at most 1 MiB.")
        case DataError():
            return _problem(400, "malformed", "The request holds a value that can't be stored or compared.")
        case _ if is_away(error):
            return _problem(503, "unavailable", DETAILS["unavailable"], RETRY_AFTER_S)
        case exceptions.APIException():
            return _of_framework(error)
        case _:
            return None
