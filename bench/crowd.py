"""Rooms of any size, made in SQL: people, their joins as events of the log, which the trigger folds as ever."""

import secrets

import psycopg
from django.db import connection, transaction

from accounts import hashing
from accounts.access.tokens import PREFIX, checksum
from accounts.authority.verbs import SCOPES
from bench.people import channel
from chatproject import places

_PEOPLE = """
insert into "user" select (jsonb_populate_record(u, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('"user"', 'id')), 'username', 'crowd-' || n, 'name', 'Crowd ' || n,
    'email', 'crowd-' || n || '@bench.example'))).*
from "user" u cross join generate_series(1, %s) n where u.id = %s returning id
"""
_JOINS = """
insert into event (conversation_id, seq, n, id, kind, author_id, at, payload, salt, digest)
select h.conversation_id, h.seq + i.nth, h.n, gen_random_uuid(), 'join', %(author)s, clock_timestamp(),
    jsonb_build_object('member', i.id, 'role', 'member', 'from', 1), '\\x00', sha256(i.id::text::bytea)
from unnest(%(people)s::bigint[]) with ordinality as i (id, nth) cross join head h where h.conversation_id = %(room)s
order by i.nth
"""
_TOKENS = """
insert into token (user_id, digest, name, scopes)
select id, digest, 'bench', %s from unnest(%s::bigint[], %s::bytea[]) as t (id, digest)
"""
_HEAD = "update head set seq = seq + %(many)s, at = clock_timestamp() where conversation_id = %(room)s"


def crowd(size: int, like: int) -> list[int]:
    """Make so many people like one who is there; gives their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [size, like])
        return [row[0] for row in cursor.fetchall()]


def tokens(of: list[int]) -> list[str]:
    """Give each of some people a token."""
    made = [random + checksum(random) for random in (PREFIX + secrets.token_urlsafe(32) for _ in of)]
    with connection.cursor() as cursor:
        cursor.execute(_TOKENS, [sorted(SCOPES), of, [hashing.digest(token) for token in made]])
    return made


def public_room(name: str, owner: int, others: list[int]) -> int:
    """Make a public channel of these people."""
    room = channel(name, [owner], is_private=False)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_JOINS, {"author": owner, "people": others, "room": room})
        cursor.execute(_HEAD, {"many": len(others), "room": room})
    return room


def settle() -> None:
    """Let the planner know what is there, as it would after a minute by itself."""
    with psycopg.connect(places.database_url("owner") or "", autocommit=True) as owner:
        owner.execute("analyze")
