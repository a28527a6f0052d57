"""The roles of the embedded database, and the database itself. What each may do in it is in `chatproject/grants.py`."""

import psycopg
from psycopg import sql

from chatproject.up.postgres import ROLES, Postgres


def make_roles(server: Postgres) -> None:
    """Make the roles that are missing, and give each the password that was kept for it."""
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in ROLES:
            verb = sql.SQL("ALTER" if f"parley_{role}" in known else "CREATE")
            name, password = sql.Identifier(f"parley_{role}"), sql.Literal(server.passwords[role])
            connection.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, name, password))


def make_database(server: Postgres, name: str, template: str | None = None) -> None:
    """Make the database, where it is missing, as the owner's, which no role but ours may connect to."""
    database, owner = sql.Identifier(name), sql.Identifier("parley_owner")
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        source = sql.SQL("TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} {}").format(database, owner, source))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        roles = sql.SQL(", ").join(sql.Identifier(f"parley_{role}") for role in ROLES)
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, roles))
