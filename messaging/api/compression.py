"""Answers of the API are compressed for those who ask, where no foreign page can have made the browser ask.

What is compressed tells by its length what it has in common with what somebody else put beside it (BREACH). To learn
anything of that, an attacker's page has to make the browser ask again and again: so whoever comes with a cookie gets
compressed answers only to what the browser itself says comes from a page of ours. The padding makes lengths vary all
the same. Pages, which hold a token against forgery, are never compressed.
"""

import gzip
import secrets
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

#: What is shorter is not worth it (bytes).
LEAST_BYTES = 1_000
LEVEL = 5
#: So many bytes at most are added, as the file's name in gzip's header.
PADDING_BYTES = 100
TYPES = ("application/json", "application/problem+json")


def is_wanted(headers: Mapping[str, str]) -> bool:
    """Tell by a request's headers, in lower case, whether its answer may be compressed."""
    accepted = [part.replace(" ", "").lower() for part in headers.get("accept-encoding", "").split(",")]
    if not any(part == "gzip" or (part.startswith("gzip;q=") and part[7:].strip("0.")) for part in accepted):
        return False
    return "cookie" not in headers or headers.get("sec-fetch-site") == "same-origin"


def compress(body: bytes) -> bytes:
    """Compress a body (RFC 1952), with a file's name of random length."""
    packed = gzip.compress(body, LEVEL, mtime=0)
    name = secrets.token_hex(PADDING_BYTES)[: secrets.randbelow(PADDING_BYTES)].encode()
    return packed[:3] + bytes((packed[3] | 8,)) + packed[4:10] + name + b"\x00" + packed[10:]


class CompressionMiddleware(MiddlewareMixin):
    """Compresses what the API answers."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress an answer in JSON that is long enough."""
        if not request.path_info.startswith("/api/") or not isinstance(response, HttpResponse):
            return response
        if response.get("Content-Type", "").partition(";")[0] not in TYPES:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        headers = {name.lower(): value for name, value in request.headers.items()}
        if len(response.content) >= LEAST_BYTES and is_wanted(headers):
            response.content = compress(response.content)
            response["Content-Encoding"] = "gzip"
            response["Content-Length"] = str(len(response.content))
        return response
