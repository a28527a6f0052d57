"""Somebody who calls the API, one call after the other, over one connection."""

import http.client

from bench.pairs import Wrong
from bench.sockets import bearer

_JSON = {"Content-Type": "application/json"}


class Caller:
    """A person's connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = bearer(token) | _JSON

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Call once. Raises Wrong for whatever is no success."""
        self._connection.request(method, f"/api/v1{path}", body, self._headers)
        answer = self._connection.getresponse()
        given = answer.read()
        if not 200 <= answer.status < 300:
            raise Wrong(f"{method} {path}: {answer.status} {given[:200]!r}")
        return given

    def ask(self, path: str) -> bytes:
        """Read something."""
        return self.call("GET", path)
