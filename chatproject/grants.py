"""What each role of the database may do. It is said anew after every migration, in one transaction."""

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from chatproject import places

#: Tables of the record: the application adds to them and never changes what is there.
APPEND_ONLY = frozenset(
    {
        "event",
        "receipt",
        "source",
        "report",
        "report_step",
        "audit_entry",
        "audit_personal",
        "audit_verification",
        "revocation",
    }
)
#: Tables that only the database's own triggers write.
READ_ONLY = frozenset({"audit_link", "audit_deed"})
#: Tables of the process that signs the trail, which is the audit role's: nobody else writes them.
SIGNERS = {"audit_key": (), "audit_checkpoint": (), "audit_delivery": ("attempts", "next_at", "delivered_at", "error")}
#: What retention alone takes away; place, author, time and digest stay.
ERASABLE = {"event": ("body", "payload", "salt")}
#: What retention alone deletes, by the columns that it may look at; the trail keeps a commitment to the row.
DELETABLE = {"audit_personal": ("entry_id", "part", "subject_id", "at")}
#: What an audit's reader sees.
TRAIL = ("audit_entry", "audit_personal", "audit_link", "audit_verification", *SIGNERS)
#: What it adds to besides, as verifying and a new key are deeds too.
TRAIL_ADDED = ("audit_entry", "audit_personal", "audit_verification", *SIGNERS)

_APP = """
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}
"""
_BACKUP = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO {role}
"""


def apply(alias: str = "owner") -> None:
    """Give every role that has a DSN exactly its rights, over the owner's connection."""
    connection = connections[alias]
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if role := _role("app"):
            _say(cursor, _APP, role=role)
            for table in sorted(APPEND_ONLY & tables):
                _say(cursor, "REVOKE UPDATE, DELETE ON {table} FROM {role}", table=table, role=role)
            # Where the audit role has no DSN of its own the application signs, with its rights.
            signers = SIGNERS.keys() if _role("audit") else set()
            for table in sorted((READ_ONLY | signers) & tables):
                _say(cursor, "REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}", table=table, role=role)
        if role := _role("backup"):
            _say(cursor, _BACKUP, role=role)
        _apply_narrow(cursor, tables)


def _apply_narrow(cursor: CursorWrapper, tables: set[str]) -> None:
    """Give the roles that see single tables what they see."""
    if role := _role("retention"):
        _say(cursor, "GRANT USAGE ON SCHEMA public TO {role}", role=role)
        for table in ERASABLE.keys() & tables:
            columns = sql.SQL(", ").join(map(sql.Identifier, ERASABLE[table]))
            _say(cursor, "GRANT SELECT ON {table} TO {role}", table=table, role=role)
            _say(cursor, "GRANT UPDATE ({columns}) ON {table} TO {role}", columns=columns, table=table, role=role)
        for table in DELETABLE.keys() & tables:
            columns = sql.SQL(", ").join(map(sql.Identifier, DELETABLE[table]))
            _say(cursor, "GRANT SELECT ({columns}) ON {table} TO {role}", columns=columns, table=table, role=role)
            _say(cursor, "GRANT DELETE ON {table} TO {role}", table=table, role=role)
    if role := _role("audit"):
        _say(cursor, "GRANT USAGE ON SCHEMA public TO {role}", role=role)
        for table in tables.intersection(TRAIL):
            _say(cursor, "GRANT SELECT ON {table} TO {role}", table=table, role=role)
        for table in tables.intersection(TRAIL_ADDED):
            _say(cursor, "GRANT INSERT ON {table} TO {role}", table=table, role=role)
        for table in SIGNERS.keys() & tables:
            for column in SIGNERS[table]:
                _say(cursor, "GRANT UPDATE ({column}) ON {table} TO {role}", column=column, table=table, role=role)


def _role(name: str) -> str | None:
    """Read a role's name in the database from its DSN; None where it has none, or is the owner under another name."""
    dsn, owner = places.database_url(name), places.database_url("owner")
    user = conninfo_to_dict(dsn).get("user") if dsn else None
    return None if owner and user == conninfo_to_dict(owner).get("user") else (str(user) if user else None)


def _say(cursor: CursorWrapper, statements: str, **names: str | sql.Composable) -> None:
    parts = {name: sql.Identifier(part) if isinstance(part, str) else part for name, part in names.items()}
    cursor.execute(sql.SQL(statements).format(**parts))
