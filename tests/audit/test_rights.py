"""Who may write what of the trail, over a connection of each role, and the guard that stops even the owner."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from audit import trail
from chatproject import places


def _as(role: str) -> psycopg.Connection:
    return psycopg.connect(places.database_url(role) or "", autocommit=True)


@pytest.fixture(autouse=True)
def _something_is_there():
    trail.record(actor=1, verb="test", target="user:1000000001", after={"name": "A"}, origin={"ip": "::1"})


@pytest.mark.parametrize(
    "statement",
    [
        "insert into audit_deed (xact) values (pg_current_xact_id())",
        "insert into audit_link select * from audit_link limit 0",
        "update audit_link set seq = seq",
        "delete from audit_link",
        "truncate audit_link",
        "delete from audit_deed",
        "update audit_personal set fields = '{}'",
        "delete from audit_personal",
        "truncate audit_personal",
        "alter table audit_entry disable trigger all",
        "drop trigger audit_take_entry on audit_entry",
        "set session_replication_role = replica",
        "select audit_link_deed()",
    ],
)
def test_the_application_only_adds(statement):
    with _as("app") as app, pytest.raises((InsufficientPrivilege, psycopg.errors.FeatureNotSupported)):
        app.execute(statement)


@pytest.mark.parametrize("table", ["audit_entry", "audit_link"])
@pytest.mark.parametrize("statement", ["update {} set at = at", "delete from {}", "truncate {}"])
def test_even_the_owner_is_stopped_from_changing_the_trail_by_mistake(table, statement):
    with _as("owner") as owner, pytest.raises(InsufficientPrivilege, match="only added to"):
        owner.execute(statement.format(table))


def test_retention_deletes_personal_fields_that_it_can_not_read():
    with _as("retention") as retention:
        retention.execute("delete from audit_personal where subject_id = -1 and part = 'origin' and at < now()")
        for statement in (
            "select fields from audit_personal limit 0",
            "select salt from audit_personal limit 0",
            "update audit_personal set fields = '{}'",
            "insert into audit_personal (entry_id, part, salt, fields) values (0, 'deed', '', '')",
            "select from audit_entry limit 0",
            "delete from audit_entry",
        ):
            with pytest.raises(InsufficientPrivilege):
                retention.execute(statement)
