"""Guessing passwords takes ever longer, and nobody can shut out somebody else by it (`docs/decisions/back-off.md`).

django-axes asks here before any password is checked, and keeps the counts. A try is counted as a failure before it is
checked, in one statement, and taken back where the password was right: many at once gain nothing.
"""

import math
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, NamedTuple

from axes.handlers.base import AxesHandler
from axes.models import AccessAttempt
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.access import addresses, devices
from accounts.models import DeviceSession
from accounts.people import naming

#: A count is forgotten so long after the last try.
FORGOTTEN = timedelta(hours=24)
_NOWHERE = "::"
_CLAIMED, _WAIT = "parley.backoff.claimed", "parley.backoff.wait_s"


class Key(NamedTuple):
    """What is counted together, how many tries are free, and the longest that one waits (seconds).

    Ordered, so that who counts several locks them in one order.
    """

    username: str
    ip_address: str
    user_agent: str
    free: int
    longest_s: int


_DELAY = """
make_interval(secs => case when {row}.failures_since_start < %(free)s then 0
    else least(%(longest_s)s, power(2, least({row}.failures_since_start - %(free)s, 30))) end)
"""
#: Further ahead than anybody ever waits: counted before the clock was set back, and nobody is shut out until then. What
#: is free is free in any case.
_OF_THE_FUTURE = """(kept.attempt_time > now() + make_interval(secs => %(longest_s)s)
    or kept.failures_since_start < %(free)s)"""
_CLAIM = f"""
insert into axes_accessattempt as kept (username, ip_address, user_agent, http_accept, path_info, get_data, post_data,
    attempt_time, failures_since_start)
values (%(username)s, %(ip_address)s, %(user_agent)s, '', '', '', '', now(), 1)
on conflict (username, ip_address, user_agent) do update set attempt_time = now(),
    failures_since_start = case when kept.attempt_time < now() - %(forgotten)s then 1
        else kept.failures_since_start + 1 end
where kept.attempt_time + {_DELAY.format(row="kept")} <= now() or {_OF_THE_FUTURE}
returning 1
"""
_SAME = "k.username = %(username)s and k.ip_address = %(ip_address)s and k.user_agent = %(user_agent)s"
_REMAINING = f"""
select extract(epoch from k.attempt_time + {_DELAY.format(row="k")} - now()) from axes_accessattempt k where {_SAME}
"""
_TAKE_BACK = f"""
update axes_accessattempt k set failures_since_start = greatest(k.failures_since_start - 1, 0) where {_SAME}
"""
_CLEAR = f"delete from axes_accessattempt k where {_SAME}"


class _TooSoon(Exception):
    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


class Handler(AxesHandler):  # type: ignore[misc]
    """What django-axes asks."""

    def is_allowed(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Count a try; False where it comes too soon, which is not counted."""
        keys = keys_of(request, str((credentials or {}).get("username") or ""))
        try:
            claim(keys)
        except _TooSoon as early:
            request.META[_WAIT] = early.wait_s
            return False
        request.META[_CLAIMED] = keys
        return True

    def post_save_access_attempt(self, instance: AccessAttempt, **kwargs: Any) -> None:
        """Do nothing: django-axes calls it, and its own bare handler has none."""

    def post_delete_access_attempt(self, instance: AccessAttempt, **kwargs: Any) -> None:
        """Do nothing either."""


def wait_s(request: HttpRequest) -> int:
    """Say for how long whoever asks has to wait before the next try (seconds); 0 where the try was not refused."""
    left: float = request.META.get(_WAIT, 0.0)
    return math.ceil(left)


def forgive(request: HttpRequest | None) -> None:
    """Take back what was counted: the password was right. Failures of the address with others' names stay."""
    keys: list[Key] = request.META.pop(_CLAIMED, []) if request is not None else []
    if not keys:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for key in keys:
            cursor.execute(_CLEAR if key.username else _TAKE_BACK, key._asdict())


def keys_of(request: HttpRequest, name: str) -> list[Key]:
    """Say by what a try is counted: a device that the person has used before by itself, strangers by their network.

    A stranger's network counts for this account, and over all accounts unless the person has come from there before.
    """
    name = name.strip()
    user = naming.find(name)
    # What was typed is not kept: it may be a password in the wrong field.
    account = f"user:{user.pk}" if user else "unknown:" + _digest(name.lower())
    device = devices.known_as(request, user.pk) if user else ""
    if device:
        return [Key(account, _NOWHERE, "device:" + _digest(device), free=10, longest_s=900)]
    here = addresses.of_request(request)
    network = counted(here)
    pair = Key(account, network, "", free=5, longest_s=900)
    if _has_come_from(user.pk if user else 0, network):
        return [pair]
    return sorted([pair, Key("", network, "", free=20, longest_s=300)])


def counted(address: str) -> str:
    """Give what an address is counted as: an IPv6 subscriber has a /64 to choose from, an IPv4 one an address."""
    if not address:
        return _NOWHERE
    found = ip_address(address)
    return str(found) if found.version == 4 else addresses.network(f"{found}/64").network_address.compressed


def _has_come_from(user: int, network: str) -> bool:
    since = timezone.now() - devices.LASTS
    used = DeviceSession.objects.filter(user=user, last_used_at__gt=since).exclude(address="")
    return any(counted(address) == network for address in used.values_list("address", flat=True).distinct()[:1000])


def _digest(text: str) -> str:
    return salted_hmac("accounts.access.backoff", text, algorithm="sha256").hexdigest()[:32]


def claim(keys: list[Key]) -> None:
    """Count a try under every key, or under none: raises _TooSoon with what is left to wait."""
    with transaction.atomic(), connection.cursor() as cursor:
        for key in keys:
            cursor.execute(_CLAIM, key._asdict() | {"forgotten": FORGOTTEN})
            if cursor.fetchone() is None:
                raise _TooSoon(max(_remaining(cursor, each) for each in keys))


def _remaining(cursor: Any, key: Key) -> float:
    """Say how long one still waits for a key (seconds), at least one."""
    cursor.execute(_REMAINING, key._asdict())
    left = cursor.fetchone()
    return max(1.0, float(left[0])) if left else 1.0


def forget_old() -> int:
    """Delete counts that have no force any more, and tell how many."""
    gone, _by_model = AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - FORGOTTEN).delete()
    return int(gone)
