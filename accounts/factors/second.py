"""The second step of signing in: between the right password and the session that is signed in."""

from typing import NamedTuple

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts import clock
from accounts.access import sessions
from accounts.models import User

#: For so long the password counts, and for so many wrong answers; then it is asked again.
LASTS_S = 300
TRIES = 5
_KEY = "second_step"


class Pending(NamedTuple):
    """Somebody who has come through the first door, by `by`, and is on the way to `onward`."""

    user: User
    by: str
    onward: str


def begin(request: HttpRequest, user: User, *, by: str, onward: str) -> None:
    """Keep in the session, under a new key, that somebody's second step is due. Nobody is signed in meanwhile."""
    if isinstance(request.user, User):
        sessions.sign_out(request, request.user)
    request.session.cycle_key()
    request.session.set_expiry(2 * LASTS_S)  # signing in sets its own
    request.session[_KEY] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "by": by,
        "onward": onward,
        "at": clock.mark(),
        "tries": 0,
    }


def pending(request: HttpRequest) -> Pending | None:
    """Tell whose second step is due; None where none is, or where time, tries or account have run out."""
    kept = request.session.get(_KEY)
    if not kept:
        return None
    user = User.objects.filter(pk=kept["user"]).first()
    is_in_time = clock.age_s(kept["at"]) < LASTS_S and kept["tries"] < TRIES
    if user is None or not (is_in_time and user.can_come_in and _is_same_password(user, kept["password"])):
        end(request)
        return None
    return Pending(user, kept["by"], kept["onward"])


def count_wrong(request: HttpRequest) -> bool:
    """Count a wrong answer, and tell whether another one may be given."""
    kept = request.session[_KEY]
    request.session[_KEY] = kept | {"tries": kept["tries"] + 1}
    return bool(kept["tries"] + 1 < TRIES)


def end(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(_KEY, None)


def _is_same_password(user: User, kept: str) -> bool:
    return constant_time_compare(kept, user.get_session_auth_hash())
