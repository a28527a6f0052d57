"""What each role of the database may and may not do, tried over a real connection of that role."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from chatproject import places
from chatproject.grants import APPEND_ONLY

Say = Callable[..., Any]


@pytest.fixture
def as_role() -> Iterator[Callable[[str], Say]]:
    """Give a role's own connection, as a function that runs one statement."""
    with ExitStack() as stack:

        def connect(role: str) -> Say:
            dsn = places.database_url(role)
            assert dsn
            connection = stack.enter_context(psycopg.connect(dsn, autocommit=True))
            return lambda text, **names: connection.execute(
                sql.SQL(text).format(**{name: sql.Identifier(value) for name, value in names.items()})
            )

        yield connect


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_the_application_adds_to_the_record_and_changes_nothing(as_role, table):
    say = as_role("app")
    say("SELECT FROM {table} WHERE false", table=table)
    column = say("SELECT * FROM {table} LIMIT 0", table=table).description[0].name
    with pytest.raises(InsufficientPrivilege):
        say("UPDATE {table} SET {column} = NULL WHERE false", table=table, column=column)
    with pytest.raises(InsufficientPrivilege):
        say("DELETE FROM {table} WHERE false", table=table)
    with pytest.raises(InsufficientPrivilege):
        say("TRUNCATE {table}", table=table)
    with pytest.raises(InsufficientPrivilege):
        say("ALTER TABLE {table} DROP COLUMN {column}", table=table, column=column)


def test_the_application_changes_the_other_tables_and_empties_none(as_role):
    say = as_role("app")
    say("UPDATE conversation SET id = id WHERE false")
    say("DELETE FROM django_session WHERE false")
    with pytest.raises(InsufficientPrivilege):
        say("TRUNCATE conversation CASCADE")
    with pytest.raises(InsufficientPrivilege):
        say("UPDATE django_migrations SET name = name WHERE false")
    with pytest.raises(InsufficientPrivilege):
        say("CREATE TABLE mine ()")


def test_retention_takes_content_away_and_nothing_else(as_role):
    say = as_role("retention")
    say("UPDATE event SET body = NULL, payload = NULL, salt = NULL WHERE false")
    for column in ("at", "author_id", "seq", "digest"):
        with pytest.raises(InsufficientPrivilege):
            say("UPDATE event SET {column} = NULL WHERE false", column=column)
    with pytest.raises(InsufficientPrivilege):
        say("DELETE FROM event WHERE false")
    with pytest.raises(InsufficientPrivilege):
        say('SELECT FROM "user" LIMIT 0')


def test_the_audit_reader_sees_the_trail_alone(as_role):
    say = as_role("audit")
    say("SELECT FROM audit_entry LIMIT 0")
    for table in ("event", "user", "token"):
        with pytest.raises(InsufficientPrivilege):
            say("SELECT FROM {table} LIMIT 0", table=table)


def test_the_backup_reads_everything_and_writes_nothing(as_role):
    say = as_role("backup")
    for (table,) in as_role("owner")("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
        say("SELECT FROM {table} LIMIT 0", table=table)
        with pytest.raises(InsufficientPrivilege):
            say("DELETE FROM {table} WHERE false", table=table)


def test_nobody_connects_to_another_database(as_role):
    with pytest.raises(InsufficientPrivilege):
        as_role("app")("CREATE DATABASE other")


def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
