"""How many statements each call may send, whatever is in the tables.

They are counted as PostgreSQL's connection sends them: most of ours go around Django's own log of queries.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.messaging.api.calls import Caller
from tests.worlds import bearer, channel, done, group, person, react, say, say_many

#: A bearer token with its person: one look-up, for every call.
TOKEN = 1


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """List the statements that this process executes; the statements themselves run as ever."""
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def listed(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        statements.append(str(query))
        return execute(self, query, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Cursor, "execute", listed)
        yield statements


@pytest.fixture(params=[3, 200], ids=["few", "many"])
def world(request: pytest.FixtureRequest) -> tuple[Caller, int]:
    """A conversation with few or many messages, reactions and members: the budget is the same."""
    alice = person("alice")
    members = [person("member") for _ in range(request.param // 10)]
    conversation = channel(alice, *members)
    seqs = say_many(alice, conversation, request.param)
    for seq in seqs[: request.param // 10 + 1]:
        done(react(alice, conversation, seq))
        say(alice, conversation, "reply", thread=seq)
    for _ in range(request.param // 20):
        group(alice, members[0])
    return Caller(token=bearer(alice)), conversation


@pytest.mark.parametrize(
    ("path", "budget", "reason"),
    [
        ("/me", 2, "the person, the own log"),
        ("/threads?limit=200", 1, "all threads, their replies counted, in one"),
        ("/me/state?limit=200", 2, "how far the own log is, the page"),
        ("/me/reports?limit=200", 1, "the page"),
        ("/conversations?limit=200", 1, "all summaries in one, with unread counts, mentions and names"),
        ("/conversations/{}", 3, "the right, the summary, the number of members"),
        ("/conversations/{}/messages?limit=200", 1, "right, page, state and head in one"),
        ("/conversations/{}/messages?before=100", 1, "the same"),
        ("/conversations/{}/messages?thread=5", 1, "the same"),
        ("/conversations/{}/messages?around=100", 2, "one before, one after"),
        ("/conversations/{}/events?limit=200", 2, "the right, which an empty page would not tell; the log"),
        ("/conversations/{}/members?limit=200", 3, "the right, whether there are many, the page"),
        ("/users?q=m", 1, "the page"),
        ("/users?ids=1,2,3", 1, "the people"),
    ],
)
def test_a_call_keeps_to_its_budget(world, monkeypatch, path, budget, reason):
    caller, conversation = world
    path, _, query = path.format(conversation).partition("?")
    connection.ensure_connection()
    with counted(monkeypatch) as statements:
        answer = caller.get(path, **dict(pair.split("=") for pair in query.split("&") if pair))
    assert answer.status == 200
    assert TOKEN < len(statements) <= TOKEN + budget, (reason, statements)


def test_saying_something_keeps_to_its_budget(world, monkeypatch):
    caller, conversation = world
    with counted(monkeypatch) as statements:
        assert caller.say(conversation, "words").status == 201
    assert len(statements) <= TOKEN + 2, ("the lock; the append", statements)
