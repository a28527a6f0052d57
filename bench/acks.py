"""How soon a message is acknowledged where 500 are said a second."""

import contextlib
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import uvloop
from psycopg_pool import AsyncConnectionPool

from bench.latency import paced
from bench.pairs import Figure, Sides
from bench.parley import Parley
from bench.people import channel, people
from bench.talkers import BODY, Talkers
from chatproject import places
from messaging import database

RATE, SENDERS = 500, 100
_CONNECTIONS = 8
_TABLE = """
create table bench_said (id uuid primary key, conversation_id bigint not null, body text not null);
grant insert on bench_said to {role}
"""
_INSERT = "insert into bench_said values (%s, %s, %s)"


async def _insert(seconds: float) -> Figure:
    pool = AsyncConnectionPool(
        database.dsn(), min_size=_CONNECTIONS, max_size=_CONNECTIONS, kwargs={"autocommit": True}, open=False
    )
    async with pool:
        await pool.wait()

        async def do(number: int) -> None:
            async with pool.connection() as held:
                await held.execute(_INSERT, [uuid4(), number, BODY])

        return await paced(do, RATE, seconds)


@contextlib.contextmanager
def beside_bare_inserts(parley: Parley) -> Iterator[Sides]:
    """Measure a hundred people's acknowledgements; the yardstick commits a row an insert and knows of nothing else."""
    senders = people(SENDERS)
    channels = [channel(f"acks-{person.id}", [person.id]) for person in senders]
    role = psycopg.conninfo.conninfo_to_dict(places.database_url("app") or "")["user"]
    with psycopg.connect(places.database_url("owner") or "", autocommit=True) as owner:
        owner.execute(_TABLE.format(role=role))
    talkers = Talkers(parley.url, [person.token for person in senders], channels)
    yield Sides(lambda s: uvloop.run(_insert(s)), lambda s: talkers.talk(RATE, s))
