"""Keeping order in a conversation: muting somebody for a time, and banning. Each is an event of the conversation."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import clock
from messaging import ownership, people
from messaging.commands import Command
from messaging.database import Rows, rows
from messaging.entry import instant
from messaging.joining import is_banned
from messaging.log import append_in
from messaging.protocol import limits
from messaging.protocol.codec import Refused
from messaging.protocol.frames import Person
from messaging.protocol.moderation import Banned, Muted
from messaging.rights import Standing, locked_standing, standing

_BANNED = """
select u.id, u.username, u.name, u.kind = 'bot', b.by_id, b.at from ban b join "user" u on u.id = b.person_id
where b.conversation_id = %(conversation)s and lower(u.username) > lower(%(after)s)
    and (%(only)s::bigint is null or u.id = %(only)s::bigint)
order by lower(u.username) limit %(limit)s
"""
_MUTED = """
select u.id, u.username, u.name, u.kind = 'bot', m.muted_until from membership m join "user" u on u.id = m.person_id
where m.conversation_id = %(conversation)s and upper_inf(m.spans) and m.muted_until > statement_timestamp()
    and lower(u.username) > lower(%(after)s)
order by lower(u.username) limit %(limit)s
"""


def check_moderates(mine: Standing, verb: str) -> None:
    """Raise Refused unless a role lets one mute or ban here."""
    if mine.kind == "direct":
        raise Refused("forbidden", "Nobody is muted or banned in a direct conversation.")
    if not mine.may(verb):
        raise Refused("forbidden", f"Only an owner or a moderator may {verb} somebody.")


def _check_over(mine: Standing, theirs: Standing) -> None:
    """Raise Refused where the other has as much to say: owners moderate all but owners, moderators members."""
    if theirs.role == "owner" or (theirs.role == "moderator" and mine.role != "owner"):
        raise Refused("forbidden", "Nobody mutes or bans an owner, and only an owner a moderator.")


def mute(conversation: int, *, by: int, member: int, for_s: int) -> datetime:
    """Let a member write nothing for a time, and tell until when. A longer or shorter time replaces the former one."""
    until = clock.of_database() + timedelta(seconds=for_s)
    _set_mute(conversation, by, member, {"member": member, "until": instant(until)})
    return until


def unmute(conversation: int, *, by: int, member: int) -> None:
    """Let a member write again."""
    _set_mute(conversation, by, member, {"member": member})


def _set_mute(conversation: int, by: int, member: int, payload: dict[str, Any]) -> None:
    with transaction.atomic():
        mine = locked_standing(rows, conversation, by)
        check_moderates(mine, "mute")
        theirs = standing(rows, conversation, member) if member <= limits.LARGEST_INTEGER else None
        if theirs is None:
            raise Refused("not_found", "This person is not a member.")
        _check_over(mine, theirs)
        append_in([_command(conversation, by, "mute", payload)])


def as_muted(conversation: int, *, by: int, member: int, until: datetime) -> list[Command]:
    """Make the events of a mute for who has checked the right to it."""
    return [_command(conversation, by, "mute", {"member": member, "until": instant(until)})]


def as_banned(conversation: int, *, by: int, person: int, is_member: bool) -> list[Command]:
    """Make the events of a ban for who has checked the right to it and holds the lock: a member leaves first."""
    leave = ownership.departure(rows, conversation, by=by, member=person) if is_member else []
    return [*leave, _command(conversation, by, "ban", {"member": person, "on": True})]


def ban(conversation: int, *, by: int, person: int) -> bool:
    """Keep somebody out, who goes with the own leave where a member; False where that was so already."""
    with transaction.atomic():
        mine = locked_standing(rows, conversation, by)
        check_moderates(mine, "ban")
        if not 0 < person <= limits.LARGEST_INTEGER or people.missing(rows, [person], seen_by=by):
            raise Refused("malformed", f"There is no active person with the id {person}.")
        if person == by:
            raise Refused("malformed", "Nobody bans oneself: leave the conversation.")
        theirs = standing(rows, conversation, person)
        if theirs is not None:
            _check_over(mine, theirs)
        if is_banned(rows, conversation, person):
            return False
        append_in(as_banned(conversation, by=by, person=person, is_member=theirs is not None))
    return True


def unban(conversation: int, *, by: int, person: int) -> None:
    """Let somebody come back: who wants to joins anew."""
    with transaction.atomic():
        mine = locked_standing(rows, conversation, by)
        check_moderates(mine, "ban")
        if person > limits.LARGEST_INTEGER or not is_banned(rows, conversation, person):
            raise Refused("not_found", "This person is not banned.")
        append_in([_command(conversation, by, "ban", {"member": person, "on": False})])


def ban_of(rows: Rows, conversation: int, person: int) -> Banned:
    """Show the ban of somebody who is banned."""
    return banned(rows, conversation, after="", limit=1, only=person)[0]


def banned(rows: Rows, conversation: int, *, after: str, limit: int, only: int | None = None) -> list[Banned]:
    """List who is banned, by username."""
    found = rows(_BANNED, {"conversation": conversation, "after": after, "limit": limit, "only": only})
    return [Banned(user=_person(row), by=row[4], at=instant(row[5])) for row in found]


def muted(rows: Rows, conversation: int, *, after: str, limit: int) -> list[Muted]:
    """List who is muted now, by username."""
    found = rows(_MUTED, {"conversation": conversation, "after": after, "limit": limit})
    return [Muted(user=_person(row), until=instant(row[4])) for row in found]


def _person(row: Any) -> Person:
    return Person(id=row[0], username=row[1], name=row[2], is_bot=row[3])


def _command(conversation: int, by: int, kind: str, payload: dict[str, Any]) -> Command:
    return Command(conversation=conversation, author=by, kind=kind, payload=payload, is_vouched=True)
