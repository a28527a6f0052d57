"""Who must have a second factor, and from when on: by role, after a time of grace."""

import json
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.authority.verbs import VERBS
from accounts.models import User
from accounts.options import OPTIONS, in_sql

_ROLES = json.dumps(OPTIONS["factor_roles"].default)

#: A role of the workspace's own lets one do what some roles that ship do: it is asked of whoever holds it, where it is
#: asked of one of those.
_LIKE = " or ".join(
    f"(asked.roles ? '{shipped}' and own.verbs && array[{', '.join(repr(verb) for verb in verbs)}]::varchar[])"
    for shipped in ("owner", "administrator", "moderator", "officer", "auditor")
    if (verbs := sorted(verb.name for verb in VERBS.values() if shipped in verb.roles))
)
#: When the person `u` had or has to have a factor; null for whom none is asked. The time of grace runs from when the
#: role took effect, or from when the workspace began to ask it of the role, whichever is later; a reset restarts
#: nothing.
_ASKED_AT = f"""(
select min(greatest(held.since, asked.since) + make_interval(days => asked.days))
from (
    select coalesce((select value from setting where name = 'factor_roles'), '{_ROLES}'::jsonb) as roles,
        coalesce((select changed_at from setting where name = 'factor_roles'), '-infinity') as since,
        {in_sql("factor_grace_days")} as days
) asked, lateral (
    select g.role, g.effective_at as since from "grant" g
    where g.user_id = u.id and g.ended_at is null
        and (g.effective_at <= now() or g.effective_at <= g.granted_at)
    union all
    select case when u.is_guest then 'guest' else 'member' end, u.created_at
) held
where u.kind = 'person' and not u.is_factor_exempt and (
    asked.roles ? held.role or exists (select from role own where own.name = held.role and ({_LIKE})))
)"""

_HAS_ONE = """(
exists (select from factor_app f where f.user_id = u.id and f.confirmed)
or exists (select from factor_passkey f where f.user_id = u.id and f.confirmed)
)"""

#: Whether the person `u` should have a factor by now, and has none: for every door, within its own statement.
IS_OVERDUE = f"(not {_HAS_ONE} and coalesce({_ASKED_AT} <= now(), false))"


def due_at(user: User) -> datetime | None:
    """Say by when somebody has to set up a factor; None for who has one, or of whom none is asked. One query."""
    found: datetime | None = _of(user, f"case when not {_HAS_ONE} then {_ASKED_AT} end")
    return found


def is_asked_of(user: User) -> bool:
    """Tell whether somebody has to have a factor, now or after the time of grace."""
    return _of(user, _ASKED_AT) is not None


def is_overdue(user: User) -> bool:
    """Tell whether somebody has let the time of grace pass without setting up a factor."""
    return bool(_of(user, IS_OVERDUE))


def _of(user: User, expression: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f'select {expression} from "user" u where u.id = %s', [user.pk])
        row = cursor.fetchone()
    return row[0] if row else None
