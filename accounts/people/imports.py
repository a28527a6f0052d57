"""Importing people: a file is looked at first, row by row, and then imported whole or not at all."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import rights
from accounts.actor import Actor
from accounts.models import PersonImport, User
from accounts.people import csv_file
from accounts.people.csv_file import Fault, Row
from accounts.refusal import Refusal
from audit import trail
from audit.trail import Draft

#: So many faults are kept and shown; nobody mends more before looking again.
FAULTS_KEPT = 5000
#: So long a file waits for somebody to start it.
KEPT = timedelta(days=1)
#: People a statement.
STRIDE = 2000

_TAKEN = """
select lower(username), lower(email) from "user"
where lower(username) = any(%(usernames)s::text[]) or (email <> '' and lower(email) = any(%(emails)s::text[]))
"""

#: Columns as arrays: a tenth of the work of a value for each field.
_PUT = f"""
insert into "user" (username, name, email, is_guest, password, kind, is_active, is_factor_exempt, invited_by_id,
    imported_at)
select username, name, email, is_guest, password, '{User.Kind.PERSON.value}', true, false, %(importer)s, now()
from unnest(%(usernames)s::text[], %(names)s::text[], %(emails)s::text[], %(guests)s::bool[], %(passwords)s::text[])
    as t(username, name, email, is_guest, password)
returning id, username
"""


def check(actor: Actor, filename: str, data: bytes, *, is_inviting: bool, faults: Sequence[Fault] = ()) -> PersonImport:
    """Look at a file without importing anybody, and keep it with what was found.

    `faults` are those that the caller has found besides. Raises Refusal for somebody who may not import.
    """
    rights.require(actor, "person.import")
    assert actor.user is not None
    rows, found, _others = csv_file.parse(data)
    found = sorted([*found, *taken(rows), *faults])
    return PersonImport.objects.create(
        uploaded_by=actor.user,
        filename=filename[:128] or "people.csv",
        content=data,
        sha256=hashlib.sha256(data).hexdigest(),
        is_inviting=is_inviting,
        rows=len(rows),
        fault_count=len(found),
        faults=found[:FAULTS_KEPT],
    )


def taken(rows: Sequence[Row]) -> list[Fault]:
    """Find the rows whose username or address is somebody's already."""
    params = {"usernames": [row.username.lower() for row in rows], "emails": [row.email.lower() for row in rows]}
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, params)
        found = cursor.fetchall()
    usernames, emails = {username for username, _email in found}, {email for _username, email in found}
    right = _("Take this row out, or change it.")
    return [
        *(
            Fault(row.line, "username", _("Somebody here has this username."), right)
            for row in rows
            if row.username.lower() in usernames
        ),
        *(
            Fault(row.line, "email", _("Somebody here has this address."), right)
            for row in rows
            if row.email.lower() in emails
        ),
    ]


def start(actor: Actor, draft: PersonImport) -> None:
    """Say that a file which was looked at is to be imported. Raises Refusal unless it is all right and waits."""
    rights.require(actor, "person.import")
    with transaction.atomic():
        found = PersonImport.objects.select_for_update().get(pk=draft.pk)
        if found.uploaded_by_id != actor.id:
            raise Refusal("forbidden", _("Somebody else handed this file in: hand it in yourself to import it."))
        if found.state != PersonImport.State.CHECKED:
            raise Refusal("malformed", _("This file has been imported already, or is being."))
        if found.fault_count or not found.rows:
            raise Refusal("malformed", _("Mend what is wrong with the file, and hand it in anew."))
        found.state = PersonImport.State.WAITING
        found.save(update_fields=["state"])
        after = {"import": found.pk, "rows": found.rows, "sha256": found.sha256}
        trail.record(actor=actor.id, verb="import.start", target=f"import:{found.pk}", after=after, origin=actor.origin)


def create(actor: Actor, draft: PersonImport) -> list[tuple[int, str]]:
    """Make all of a file's people in one transaction, each on the trail, and give their ids and usernames.

    Where that is done already it only gives them. Raises Refusal; then there is nobody new. Nothing is locked that
    somebody who signs in or posts waits for: rows are only added.
    """
    rows, faults, _others = csv_file.parse(bytes(draft.content))
    if faults:
        raise Refusal("malformed", _("The file is not the one that was looked at."))
    PersonImport.objects.filter(pk=draft.pk, state=PersonImport.State.WAITING).update(state=PersonImport.State.CREATING)
    try:
        with transaction.atomic():
            found = PersonImport.objects.select_for_update().get(pk=draft.pk)
            if found.state == PersonImport.State.JOINING:
                return _made(rows)
            if found.state != PersonImport.State.CREATING:
                raise Refusal("malformed", _("This file does not wait to be imported."))
            made = [one for part in _parts(rows) for one in _create_some(actor, draft, part)]
            PersonImport.objects.filter(pk=draft.pk).update(created=len(made), state=PersonImport.State.JOINING)
    except IntegrityError:
        raise Refusal(
            "malformed", _("Somebody took one of these usernames meanwhile: hand the file in anew.")
        ) from None
    return made


def _made(rows: Sequence[Row]) -> list[tuple[int, str]]:
    found = User.objects.filter(username__in=[row.username for row in rows])
    return list(found.values_list("pk", "username"))


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[first : first + STRIDE] for first in range(0, len(rows), STRIDE))


def _create_some(actor: Actor, draft: PersonImport, rows: Sequence[Row]) -> list[tuple[int, str]]:
    values: dict[str, Any] = {
        "usernames": [row.username for row in rows],
        "names": [row.name for row in rows],
        "emails": [row.email for row in rows],
        "guests": [row.is_guest for row in rows],
        "passwords": [UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30) for _row in rows],
        "importer": actor.id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT, values)
        made: list[tuple[int, str]] = cursor.fetchall()
    ids = {username: id for id, username in made}
    drafts = [
        Draft(
            actor.id,
            "person.create",
            f"user:{ids[row.username]}",
            after={"username": row.username, "name": row.name, "email": row.email, "is_guest": row.is_guest},
        )
        for row in rows
    ]
    trail.record_many(drafts, origin={**actor.origin, "import": draft.pk})
    return made


def forget_old() -> int:
    """Forget files that were looked at and not imported within a day, and say how many."""
    before = timezone.now() - KEPT
    old = PersonImport.objects.filter(state=PersonImport.State.CHECKED, uploaded_at__lt=before)
    detail = _("It was not started within a day, so the file was forgotten.")
    return old.update(
        state=PersonImport.State.FAILED, detail=detail, content=b"", faults=[], finished_at=timezone.now()
    )


def finish(draft: PersonImport, *, detail: str = "") -> None:
    """Note the end of an import, and forget the file."""
    state = PersonImport.State.FAILED if detail else PersonImport.State.DONE
    PersonImport.objects.filter(pk=draft.pk).update(
        state=state, detail=detail[:500], content=b"", finished_at=timezone.now()
    )
