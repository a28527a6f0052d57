"""Importing people into their channels: accounts first, whole or not at all; then they join, a batch at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import rights
from accounts.actor import Actor
from accounts.models import Invitation, PersonImport
from accounts.people import csv_file, imports, invitations
from accounts.people.csv_file import Fault, Row
from accounts.refusal import Refusal
from messaging.commands import Command
from messaging.database import rows
from messaging.heads import hold
from messaging.joining import first_seq
from messaging.log import append_in

#: Joins a transaction: for no longer than these take does a channel's writer wait.
STRIDE = 200
#: Invitations in one go, so that no task takes minutes.
INVITATIONS = 1000

_PUBLIC = """
select lower(name), min(id) from conversation
where kind = 'channel' and not is_private and archived_at is null and shown_at is not null
    and lower(name) = any(%s::text[])
group by 1 having count(*) = 1
"""
_ABSENT = """
select u.id from "user" u where u.id = any(%(people)s::bigint[]) and u.is_active and not exists (
    select from membership m where m.conversation_id = %(channel)s and m.person_id = u.id and upper_inf(m.spans))
order by u.id
"""


def unknown_channels(data: bytes) -> list[Fault]:
    """Find the channels of a file that people can't be put into: only public ones, by a name that only one has."""
    parsed = csv_file.parse(data)
    rows = [*parsed.rows, *parsed.others]
    known = channels(rows)
    right = _("Name a public channel as it is called here, or take it out.")
    return [
        Fault(row.line, "channels", _("There is no public channel %s.") % name[:64], right)
        for row in rows
        for name in row.channels
        if name.lower() not in known
    ]


def channels(rows: Sequence[Row]) -> Mapping[str, int]:
    """Find the channels that rows name, by their names in lower case."""
    names = {name.lower() for row in rows for name in row.channels}
    with connection.cursor() as cursor:
        cursor.execute(_PUBLIC, [list(names)])
        return dict(cursor.fetchall())


def importer(draft: PersonImport) -> Actor:
    """Say who imports: the one who handed the file in, at work by a queue."""
    return Actor(draft.uploaded_by, "system", device="import")


def run(draft: PersonImport) -> bool:
    """Import a file that waits: everybody or nobody, then their channels, then their invitations.

    Says whether something is left to do. Broken off and done again, it goes on.
    """
    if draft.state not in PersonImport.UNDER_WAY:
        return False
    actor = importer(draft)
    if "person.import" not in rights.held(draft.uploaded_by).verbs:
        imports.finish(draft, detail=_("Whoever started it may not import people any more."))
        return False
    rows = csv_file.parse(bytes(draft.content)).rows
    try:
        made = imports.create(actor, draft)
    except Refusal as refusal:
        imports.finish(draft, detail=refusal.detail)
        return False
    known, draft.joined = channels(rows), 0
    for channel, people in _by_channel(rows, made, known).items():
        for part in _parts(people):
            _join(actor, channel, part)
            draft.joined += len(part)
            PersonImport.objects.filter(pk=draft.pk).update(joined=draft.joined)
    if draft.is_inviting and _invite(actor, rows, made):
        return True
    imports.finish(draft)
    return False


def _invite(actor: Actor, rows: Sequence[Row], made: Sequence[tuple[int, str]]) -> bool:
    """Invite some of those who are not invited yet, and say whether there are more."""
    ids = {username: id for id, username in made}
    invited = set(Invitation.objects.filter(user__in=ids.values()).values_list("user", flat=True))
    waiting = [row for row in rows if row.username in ids and ids[row.username] not in invited]
    for row in waiting[:INVITATIONS]:
        role = "guest" if row.is_guest else "member"
        with suppress(Refusal):  # somebody took the address meanwhile: an administrator invites the person by hand
            invitations.invite(actor, site=settings.PUBLIC_URL, email=row.email, role=role)
    return len(waiting) > INVITATIONS


def _by_channel(rows: Sequence[Row], made: Sequence[tuple[int, str]], known: Mapping[str, int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    of_username = {row.username: row for row in rows}
    for id, username in made:
        row = of_username[username]
        for name in row.channels:
            if name.lower() in known:  # it may have been archived since the file was looked at
                found.setdefault(known[name.lower()], []).append(id)
    return found


def _join(actor: Actor, channel: int, people: Sequence[int]) -> None:
    with transaction.atomic():
        hold(rows, [channel])
        absent = [id for (id,) in rows(_ABSENT, {"people": list(people), "channel": channel})]
        first = first_seq(rows, channel)
        append_in([_command(channel, actor.id or person, person, first) for person in absent])


def _command(channel: int, author: int, person: int, first: int | None) -> Command:
    payload = {"member": person, "role": "member"} | ({} if first is None else {"from": first})
    return Command(conversation=channel, author=author, kind="join", payload=payload, is_vouched=True)


def _parts(people: Sequence[int]) -> Iterator[Sequence[int]]:
    return (people[first : first + STRIDE] for first in range(0, len(people), STRIDE))
