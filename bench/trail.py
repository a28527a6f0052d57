"""A deed of 23,034 entries on the trail, chained, beside the same rows in a table that chains nothing."""

import contextlib
import time
from collections.abc import Iterator

import psycopg

from audit.trail import Draft, content_of
from bench.pairs import Figure, Sides, Wrong
from bench.parley import Parley
from chatproject import places

#: The people of a large import.
ENTRIES = 23_034
_TABLE = """
CREATE TABLE bench_entry (LIKE audit_entry INCLUDING ALL);
GRANT INSERT ON bench_entry TO {role}
"""
_ROWS = "FROM unnest(%s::text[]) AS t(content)"
_CHAINED = f"INSERT INTO audit_entry (content) SELECT content {_ROWS}"
_PLAIN = f"INSERT INTO bench_entry (content, deed, digest) SELECT content, gen_random_uuid(), '' {_ROWS}"


@contextlib.contextmanager
def beside_a_plain_table(parley: Parley) -> Iterator[Sides]:
    """Measure the transaction from its first statement to the end of its COMMIT."""
    contents = [
        content_of(Draft(None, "user.import", f"user:{n}", after={"name": f"person {n}"}), {"command": "bench"})[0]
        for n in range(ENTRIES)
    ]
    app = places.database_url("app") or ""
    with psycopg.connect(places.database_url("owner") or "", autocommit=True) as owner:
        owner.execute(_TABLE.format(role=psycopg.conninfo.conninfo_to_dict(app)["user"]))

    def put(statement: str) -> Figure:
        with psycopg.connect(app) as connection:
            began = time.perf_counter()
            if connection.execute(statement, [contents]).rowcount != ENTRIES:
                raise Wrong("not all entries were taken")
            put_at = time.perf_counter()
            connection.commit()
            ended = time.perf_counter()
        return Figure((ended - began) * 1000, {"entries": ENTRIES, "commit_ms": (ended - put_at) * 1000})

    def ours(seconds: float) -> Figure:
        figure = put(_CHAINED)
        with psycopg.connect(app) as connection:
            row = connection.execute("SELECT entries FROM audit_link ORDER BY entries DESC LIMIT 1").fetchone()
        if row is None or row[0] != ENTRIES:
            raise Wrong("the deed was not chained as one")
        return figure

    yield Sides(lambda seconds: put(_PLAIN), ours)
