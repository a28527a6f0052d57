"""Sessions and the devices that they are on: begun at sign-in, noted when used, given new keys, and ended.

`django_session`, cached in Redis, has what a session holds; the row here says whether it still counts. So a stale cache
opens nothing.
"""

import re
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection, transaction
from django.db.models import QuerySet, Subquery
from django.db.models.functions import Greatest, Now
from django.http import HttpRequest
from django.utils import timezone

from accounts import revocations, rights, workspace
from accounts.access import activity, addresses, notice, places
from accounts.actor import DEVICE_LENGTH, STEPPED_UP_AT, Actor
from accounts.actor import of_request as actor_of_request
from accounts.factors.demand import IS_OVERDUE
from accounts.models import DeviceSession, Revocation, User
from accounts.options import in_sql
from accounts.revocations import session_subject
from audit import trail

#: In a session: it has its row.
MARK = "has_device"
#: Sessions that somebody may have at once: further ones end the one that was not used for longest.
MOST = 50
#: For so long an ended session stays in the history.
KEPT = timedelta(days=90)
#: A key that was just replaced still comes with requests that were on their way.
REPLACED_FOR = timedelta(seconds=30)


#: Of a row `d`: ended, too old, or idle for too long. Use is noted once a minute, so idle is late by up to one.
OVER = f"""(
    d.ended_at is not null
    or d.created_at <= now() - make_interval(hours => {in_sql("session_hours")})
    or ({in_sql("idle_minutes")} > 0 and d.last_used_at <= now()
        - make_interval(mins => {in_sql("idle_minutes")}) - interval '{activity.WRITTEN_EVERY_S} s')
)"""
_OPEN = "not " + re.sub(r"\bd\.", "device_session.", OVER)
#: Noted so long ago that it is noted again; or in the future, which was before the clock was set back.
_STALE = f"abs(extract(epoch from last_used_at - now())) > {activity.WRITTEN_EVERY_S}"

_USE = f"""
with looked as (
    select d.subject, d.session_key, d.keyed_at, d.last_used_at, u.privileges_changed_at, {OVER} as is_over,
        {IS_OVERDUE} as is_factor_overdue
    from device_session d join "user" u on u.id = d.user_id where d.subject = %(subject)s
), used as (
    update device_session set last_used_at = now(), address = %(address)s, place = %(place)s, device = %(device)s
    where subject in (
        select subject from device_session where subject in (select subject from looked where not is_over) and {_STALE}
        for no key update skip locked)
    returning user_id
), {activity.MARK_USED}
select is_over, coalesce(privileges_changed_at > keyed_at, false), is_factor_overdue from looked
"""
#: For a hub: notes the sessions (by subject) and tokens (by id) whose sockets were used.
USED = f"""
with used as (
    update device_session set last_used_at = now() where subject in (
        select d.subject from device_session d where d.subject = any(%(sessions)s) and {_STALE} and not {OVER}
        for no key update skip locked)
    returning user_id
), {activity.MARK_USED}, by_token as (
    update token set last_used_at = now() where id in (
        select id from token where id = any(%(tokens)s::bigint[]) and {_STALE} for no key update skip locked)
)
select count(*) from used
"""
#: Of a person `u`: there is something to do before a session opens anything, a factor to set up or a notice to accept.
#: Tokens open what they open: programs have neither.
HELD = f"({IS_OVERDUE} or not {notice.ACCEPTED})"
#: For a hub: of the sessions and tokens of its sockets, those that are over, and the sessions whose people are held.
ENDED = f"""
select 'session', d.subject, {OVER} from device_session d join "user" u on u.id = d.user_id
where d.subject = any(%(sessions)s) and ({OVER} or {HELD})
union all
select 'token', id::text, true from token where id = any(%(tokens)s::bigint[]) and expires_at <= now()
"""


class State(NamedTuple):
    """What a session's row says of it."""

    is_over: bool
    is_to_rotate: bool
    is_factor_overdue: bool


def start(request: HttpRequest, user: User, by: str) -> None:
    """Give the session that was just opened its row; `by` is the door. It ends after the longest time that is set."""
    if request.session.session_key is None:
        request.session.create()  # another's session was just flushed
    key = str(request.session.session_key)
    now = timezone.now()
    request.session[MARK] = True
    request.session.set_expiry(now + timedelta(hours=workspace.value("session_hours")))
    before = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    with transaction.atomic():
        if before and before != key:  # what this browser had is replaced
            for session in DeviceSession.objects.filter(subject=session_subject(before)):
                _end(actor_of_request(request, session.user), session)
        made = {"user": user, "session_key": key, "by": by[:16]} | _whence(request)
        DeviceSession.objects.update_or_create(subject=session_subject(key), defaults=made)
        User.objects.filter(pk=user.pk).update(last_active_at=now)
        beyond = DeviceSession.objects.filter(user=user, ended_at=None).order_by("-last_used_at", "-created_at")
        for session in beyond[MOST : MOST + 10]:
            _end(actor_of_request(request, user), session)


def _whence(request: HttpRequest) -> dict[str, str]:
    address = addresses.of_request(request)
    device = str(request.META.get("HTTP_USER_AGENT", "")).replace("\x00", "")[:DEVICE_LENGTH]
    return {"address": address, "place": places.of_address(address), "device": device}


def use(request: HttpRequest, key: str) -> State | None:
    """Note that a session is used, at most once a minute, and tell its state; None where it has no row."""
    with connection.cursor() as cursor:
        cursor.execute(_USE, {"subject": session_subject(key)} | _whence(request))
        found = cursor.fetchone()
    return None if found is None else State(*found)


def rotate(request: HttpRequest, user: User) -> None:
    """Give a session another key and cut what runs under the old one: whoever had that one has nothing."""
    old = request.session.session_key
    assert old is not None
    with transaction.atomic():
        session = DeviceSession.objects.select_for_update().get(subject=session_subject(old))
        if session.ended_at is not None:
            return
        request.session.pop(STEPPED_UP_AT, None)
        request.session.cycle_key()
        key = str(request.session.session_key)
        DeviceSession.objects.filter(pk=session.pk).update(ended_at=timezone.now(), session_key=None)
        kept = {name: getattr(session, name) for name in ("created_at", "address", "place", "device", "by")}
        keyed_at = Greatest(Now(), _changed_at(user))
        DeviceSession.objects.create(
            subject=session_subject(key), session_key=key, user=user, keyed_at=keyed_at, **kept
        )
        revocations.revoke_session(old)


def _changed_at(user: User) -> Subquery:
    """Look up when somebody's rights changed: in the future where the clock was set back since."""
    return Subquery(User.objects.filter(pk=user.pk).values("privileges_changed_at"))


def was_replaced(key: str) -> bool:
    """Tell whether a key is one that a moment ago was changed for another: the browser has the new one by now."""
    since = timezone.now() - REPLACED_FOR
    return DeviceSession.objects.filter(subject=session_subject(key), ended_at__gt=since, ended_by=None).exists()


def open_ones(user: User) -> QuerySet[DeviceSession]:
    """Give the sessions that somebody has open now, the last used first."""
    return DeviceSession.objects.filter(user=user).extra(where=[_OPEN]).order_by("-last_used_at", "pk")  # noqa: S610


def of_user(user: User) -> list[DeviceSession]:
    """List them, as many as one may have."""
    return list(open_ones(user)[:MOST])


def end(actor: Actor, session: DeviceSession) -> None:
    """End a session of one's own, or with `session.end` anybody's. Raises Refusal where one may not."""
    _check(actor, session.user_id)
    with transaction.atomic():
        _end(actor, session)


def end_all(actor: Actor, user: User, *, keep: str | None = None) -> int:
    """End every session of somebody, apart from the one whose key is `keep`, and tell how many."""
    _check(actor, user.pk)
    return cut(actor, user, keep=keep)


def cut(actor: Actor, user: User, *, keep: str | None = None) -> int:
    """Do the same as part of another deed, whose right the caller has checked."""
    with transaction.atomic():
        found = DeviceSession.objects.filter(user=user, ended_at=None)
        if keep is not None:
            found = found.exclude(subject=session_subject(keep))
        return sum(_end(actor, session) for session in found)


def sign_out(request: HttpRequest, user: User) -> None:
    """End the session by which somebody asks, here and everywhere."""
    key = request.session.session_key
    session = DeviceSession.objects.filter(subject=session_subject(key)).first() if key else None
    if session is not None:
        end(actor_of_request(request, user), session)
    logout(request)


def _check(actor: Actor, user: int) -> None:
    if actor.user is None or actor.user.pk != user or actor.via == "token":
        rights.require(actor, "session.end")


def _end(actor: Actor, session: DeviceSession) -> bool:
    """End a session once: the row, what Django and Redis keep of it, and every socket."""
    ended = {"ended_at": timezone.now(), "ended_by": actor.id, "session_key": None}
    if not DeviceSession.objects.filter(pk=session.pk, ended_at=None).update(**ended):
        return False
    if session.session_key:
        SessionStore().delete(session.session_key)
    revocations.record(Revocation.Kind.SESSION, session.subject)
    trail.record(
        actor=actor.id,
        verb="session.end",
        target=f"user:{session.user_id}",
        before={"session": session.subject[:16], "method": session.by},
        origin=actor.origin,
    )
    return True


def start_idling_anew() -> int:
    """Take it that what was used in the future, before the clock was set back, was used now; tell how many.

    Idle for too long is then late by one such time at most, and not by as much as the clock was set back.
    """
    ahead = Now() + timedelta(seconds=activity.WRITTEN_EVERY_S)
    return DeviceSession.objects.filter(ended_at=None, last_used_at__gt=ahead).update(last_used_at=Now())


def forget_old() -> int:
    """Delete the history of sessions that were over for ninety days, and tell how many rows that was."""
    before = timezone.now() - KEPT
    live = "exists (select 1 from django_session s where s.session_key = d.session_key and s.expire_date > now())"
    gone = f"delete from device_session d where coalesce(ended_at, last_used_at) < %s and not {live}"
    with connection.cursor() as cursor:
        cursor.execute(gone, [before])
        return int(cursor.rowcount)


def describe(session: DeviceSession, current: str | None) -> dict[str, Any]:
    """Give a page what it shows of a session."""
    from accounts.access import browsers

    return {
        "subject": session.subject,
        "browser": browsers.describe(session.device),
        "place": session.place,
        "address": session.address,
        "created_at": session.created_at,
        "last_used_at": session.last_used_at,
        "is_current": current is not None and session.subject == session_subject(current),
    }
