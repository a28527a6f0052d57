"""Taking in a Slack export, beside appending one message after another to one conversation."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count

import psycopg
from psycopg import sql

from bench import corpus
from bench.append import append, world
from bench.pairs import Figure, Sides, Wrong
from bench.parley import Parley
from chatproject.places import DATABASE_ROLES, ROOT, data_folder
from chatproject.up.folders import Folders
from chatproject.up.postgres import Postgres
from chatproject.up.roles import make_database

_TAKEN = "select count(*) from event where source_id is not null and kind in ('message', 'join', 'leave')"


@contextlib.contextmanager
def _database(server: Postgres, name: str) -> Iterator[dict[str, str]]:
    """Make a fresh database, and remove it again; gives the environment by which Parley finds it."""
    environment = {variable: server.dsn(role, name) for role, variable in DATABASE_ROLES.items()}
    make_database(server, name)
    try:
        argv = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(argv, cwd=ROOT, env=os.environ | environment, check=True)
        yield environment
    finally:
        with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
            connection.execute("checkpoint")


@contextlib.contextmanager
def beside_append(parley: Parley) -> Iterator[Sides]:
    """Measure the command from its start to its end, each time into a database of its own."""
    server, path, numbers = Postgres(Folders(data_folder())), corpus.export(), count()
    size = corpus.size(path)
    author, channels = world()

    def ours(seconds: float) -> Figure:
        with _database(server, f"import_{next(numbers)}") as environment:
            began = time.perf_counter()
            corpus.take_in(path, **environment)
            took = time.perf_counter() - began
            with psycopg.connect(environment["DATABASE_URL"]) as connection:
                row = connection.execute(_TAKEN).fetchone()
        assert row is not None
        if row[0] < 0.99 * size:
            raise Wrong(f"of {size} messages {row[0]} are there")
        return Figure(size / took, {"messages": size, "stored": row[0], "seconds": took})

    yield Sides(lambda seconds: append(author, channels[:1], seconds), ours, corpus.notes())
