"""User groups: who makes and changes them, and how others look them up.

A mention of a group is one row, whatever its size. It counts for who was in the group when it was said: a person who
comes later is not told of the past, and what one was told of is not taken back.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.authority.barriers import walled
from accounts.models import User
from accounts.refusal import Refusal
from audit import trail
from messaging import publishing
from messaging.database import Rows, rows
from messaging.models import UserGroup, UserGroupMember
from messaging.protocol.bodies import UserGroup as Shown
from messaging.protocol.frames import Person

#: Most people that one change moves.
PEOPLE = 1000
_HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?", re.ASCII)
#: What a handle can't be: it means everybody.
RESERVED = frozenset({"channel", "here", "everyone", "all"})

#: Tells whether a mention `a` of a group means somebody, given as an expression: in it when it was said, and not walled
#: off from who said it.
_MEANT = """exists (
    select from user_group_member g where g.group_id = a.group_id and g.person_id = {person}
        and g.since <= a.at and (g.until is null or g.until > a.at)
        and not {walled})"""
_AUTHOR = "(select e.author_id from event e where e.conversation_id = a.conversation_id and e.seq = a.seq)"
#: The groups that people are in now.
OF_PEOPLE = """
select g.person_id, array_agg(g.group_id order by g.group_id) from user_group_member g
where g.person_id = any(%(people)s::bigint[]) and g.until is null group by 1
"""
#: Members now, as far as whoever asks may know of them.
_KNOWN = f"""
user_group_member g join "user" u on u.id = g.person_id and u.is_active
where g.until is null and (u.id = %(seen_by)s or not {walled("%(seen_by)s", "u.id")})
"""
_COLUMNS = f"""
select w.id, w.handle, w.name, w.description, (select count(*) from {_KNOWN} and g.group_id = w.id),
    exists (select from user_group_member g
        where g.group_id = w.id and g.person_id = %(seen_by)s and g.until is null)
from user_group w
"""
_PAGE = f"""
{_COLUMNS} where w.closed_at is null and w.handle > %(after)s
    and (starts_with(w.handle, lower(%(start)s)) or starts_with(lower(w.name), lower(%(start)s)))
order by w.handle limit %(limit)s
"""
#: By id also those that are closed: their handles stand in what was said. A guest gets those that stand in what the
#: guest may read, and those that the guest is in.
_BY_ID = f"""
{_COLUMNS} where w.id = any(%(ids)s::bigint[]) and (%(in_directory)s
    or exists (
        select from user_group_member g where g.group_id = w.id and g.person_id = %(seen_by)s and g.until is null)
    or exists (
        select from mention a join membership m on m.conversation_id = a.conversation_id and m.person_id = %(seen_by)s
        where a.group_id = w.id and upper_inf(m.spans) and a.seq <@ m.spans))
order by w.handle, w.id
"""
_MEMBERS = f"""
select u.id, u.username, u.name, u.kind = 'bot' from {_KNOWN} and g.group_id = %(group)s
    and lower(u.username) > lower(%(after)s)
order by lower(u.username) limit %(limit)s
"""


def meant(person: str) -> str:
    """Write the SQL that tells whether a mention `a` of a group means a person, given as an expression."""
    return _MEANT.format(person=person, walled=walled(person, _AUTHOR))


def make(actor: Actor, handle: str, name: str, description: str = "") -> UserGroup:
    """Make a group with nobody in it yet. Raises Refusal."""
    rights.require(actor, "user_group.manage")
    given = _read(handle, name, description)
    with transaction.atomic():
        _check_free(given["handle"])
        made = UserGroup.objects.create(**given)
        _record(actor, "user_group.make", made, None, _facts(made))
    return made


def change(actor: Actor, group: UserGroup, handle: str, name: str, description: str = "") -> None:
    """Give a group another handle, name and description. Raises Refusal."""
    rights.require(actor, "user_group.manage")
    given = _read(handle, name, description)
    with transaction.atomic():
        held = _held(group)
        before = _facts(held)
        if given["handle"] != held.handle:
            _check_free(given["handle"])
        for field, value in given.items():
            setattr(held, field, value)
        held.save(update_fields=list(given))
        if _facts(held) != before:
            _record(actor, "user_group.change", held, before, _facts(held))


def move(actor: Actor, group: UserGroup, *, add: Sequence[int] = (), remove: Sequence[int] = ()) -> None:
    """Put people into a group and take others out; who is in already, or is not, stays so. Raises Refusal."""
    rights.require(actor, "user_group.manage")
    people = {*add, *remove}
    if not people:
        raise Refusal("malformed", _("Name at least one person."), field="people")
    if len(people) > PEOPLE:
        raise Refusal("malformed", _("At most %s people in one change.") % PEOPLE, field="people")
    absent = set(add) - set(User.objects.filter(pk__in=add, is_active=True).values_list("pk", flat=True))
    if absent:
        raise Refusal("malformed", _("There is no active person with the id %s.") % min(absent), field="people")
    with transaction.atomic():
        held = _held(group)
        now_in = UserGroupMember.objects.filter(group=held, until=None)
        present = set(now_in.filter(person_id__in=people).values_list("person_id", flat=True))
        come, go = sorted(set(add) - set(remove) - present), sorted(set(remove) & present)
        UserGroupMember.objects.bulk_create([UserGroupMember(group=held, person_id=person) for person in come])
        now_in.filter(person_id__in=go).update(until=Now())
        if come or go:
            _record(actor, "user_group.move", held, None, {"add": come, "remove": go})
            transaction.on_commit(lambda: publishing.tell("groups", [*come, *go]))


def close(actor: Actor, group: UserGroup) -> None:
    """End a group for good: nobody is in it any more, and its handle is free. Raises Refusal."""
    rights.require(actor, "user_group.manage")
    with transaction.atomic():
        held = _held(group)
        left = UserGroupMember.objects.filter(group=held, until=None)
        people = list(left.values_list("person_id", flat=True))
        left.update(until=Now())
        UserGroup.objects.filter(pk=held.pk).update(closed_at=Now())
        _record(actor, "user_group.close", held, _facts(held) | {"people": len(people)}, None)
        transaction.on_commit(lambda: publishing.tell("groups", people))


def page(rows: Rows, seen_by: int, start: str, *, after: str, limit: int) -> list[Shown]:
    """List the groups whose handle or name begins with something, by handle."""
    found = rows(_PAGE, {"seen_by": seen_by, "start": start, "after": after, "limit": limit})
    return [_shown(*row) for row in found]


def by_id(rows: Rows, ids: Sequence[int], *, seen_by: int, in_directory: bool) -> list[Shown]:
    """Look groups up. `in_directory`: everything of all; else what a guest has met, without how many are in it."""
    params = {"ids": list(ids), "seen_by": seen_by, "in_directory": in_directory}
    found = [_shown(*row) for row in rows(_BY_ID, params)]
    if not in_directory:
        for each in found:
            each.members = None
    return found


def members(rows: Rows, group: int, *, seen_by: int, after: str, limit: int) -> list[Person] | None:
    """List who is in a group, by username; None where there is none."""
    if not UserGroup.objects.filter(pk=group, closed_at=None).exists():
        return None
    found = rows(_MEMBERS, {"group": group, "seen_by": seen_by, "after": after, "limit": limit})
    return [Person(id=id, username=username, name=name, is_bot=is_bot) for id, username, name, is_bot in found]


def _shown(id: int, handle: str, name: str, description: str, count: int, is_member: bool) -> Shown:
    return Shown(id=id, handle=handle, name=name, description=description, members=count, is_member=is_member)


def _read(handle: str, name: str, description: str) -> dict[str, str]:
    handle, name, description = handle.strip().lstrip("@").lower(), name.strip(), description.strip()
    if not _HANDLE.fullmatch(handle):
        detail = _("A handle has 1 to 32 letters a to z, digits, points, hyphens and underscores, such as oncall.")
        raise Refusal("malformed", detail, field="handle")
    if handle in RESERVED:
        raise Refusal("malformed", _("@%s means everybody: choose another handle.") % handle, field="handle")
    if not name or len(name) > 64 or "\x00" in name:
        raise Refusal("malformed", _("A group needs a name of 1 to 64 characters."), field="name")
    if len(description) > 250 or "\x00" in description:
        raise Refusal("malformed", _("Write at most %s characters.") % 250, field="description")
    return {"handle": handle, "name": name, "description": description}


def _check_free(handle: str) -> None:
    rows("select pg_advisory_xact_lock(hashtextextended('user_group', 0))")  # two who take one at the same moment
    if UserGroup.objects.filter(handle=handle, closed_at=None).exists():
        raise Refusal("malformed", _("There is a group with this handle already."), field="handle")
    if User.objects.filter(username__iexact=handle).exists():
        raise Refusal("malformed", _("Somebody's username is the same: choose another handle."), field="handle")


def _held(group: UserGroup) -> UserGroup:
    found = UserGroup.objects.select_for_update().filter(pk=group.pk, closed_at=None).first()
    if found is None:
        raise Refusal("not_found", _("There is no such group, or it is closed."))
    return found


def _facts(group: UserGroup) -> dict[str, str]:
    return {"handle": group.handle, "title": group.name, "description": group.description}


def _record(actor: Actor, verb: str, group: UserGroup, before: Any, after: Any) -> None:
    trail.record(
        actor=actor.id,
        verb=verb,
        target=f"user_group:{group.pk}",
        before=before,
        after=after,
        origin=actor.origin,
    )
