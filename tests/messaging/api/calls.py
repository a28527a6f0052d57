"""Calls of the API as one person, through the whole stack of Django."""

from typing import Any
from uuid import uuid4

import msgspec
from django.test import Client

from accounts.models import User
from tests.worlds import bearer

API = "/api/v1"


class Answer:
    """What came back."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.body: Any = msgspec.json.decode(response.content) if response.content else None
        self.type: str = response.headers.get("Content-Type", "")
        if self.status >= 400:
            self._check_problem()

    def _check_problem(self) -> None:
        """Hold every error to RFC 9457, with the protocol's code and a sentence."""
        assert self.type == "application/problem+json", (self.status, self.type)
        assert self.body["status"] == self.status
        assert {"type", "title", "detail", "code"} <= self.body.keys()
        assert self.body["detail"].endswith(".")

    @property
    def refusal(self) -> tuple[int, str]:
        """The status and the code of a refusal."""
        return self.status, self.body["code"]


class Caller:
    """Somebody who calls: a person by a token of theirs, or nobody."""

    def __init__(self, user: User | None = None, *, token: str | None = None) -> None:
        given = bearer(user) if user is not None else token
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        self._client = Client(headers=headers)

    def get(self, path: str, **query: Any) -> Answer:
        return Answer(self._client.get(f"{API}{path}", query))

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None) -> Answer:
        data = msgspec.json.encode(body) if raw is None else raw
        return Answer(self._client.post(f"{API}{path}", data, content_type="application/json"))

    def patch(self, path: str, body: Any) -> Answer:
        data = msgspec.json.encode(body)
        return Answer(self._client.patch(f"{API}{path}", data, content_type="application/json"))

    def delete(self, path: str) -> Answer:
        return Answer(self._client.delete(f"{API}{path}"))

    def say(self, conversation: int, body: str, **fields: Any) -> Answer:
        return self.post(f"/conversations/{conversation}/messages", {"id": str(uuid4()), "body": body} | fields)

    def messages(self, conversation: int, **query: Any) -> list[dict[str, Any]]:
        """Read a page of history that must be there."""
        answer = self.get(f"/conversations/{conversation}/messages", **query)
        assert answer.status == 200, answer.body
        return list(answer.body["messages"])

    def bodies(self, conversation: int, **query: Any) -> list[str]:
        return [message["body"] for message in self.messages(conversation, **query)]

    def pages(self, path: str, name: str, **query: Any) -> list[Any]:
        """Follow the cursor of a list to its end."""
        found: list[Any] = []
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            answer = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            assert answer.status == 200, answer.body
            found += answer.body[name]
            cursor = answer.body["cursor"]
            if cursor is None:
                return found
            assert cursor not in seen, "the list goes round in circles"
            seen.add(cursor)
