"""Who does a deed, and by which way: what every domain call of accounts is given, and what the trail is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone

from accounts import clock
from accounts.access import addresses
from accounts.models import Token, User
from accounts.revocations import session_subject
from audit import trail

#: For how long having shown one's factors again counts (step-up).
STEP_UP_LASTS = timedelta(minutes=10)
#: Where a session keeps when that was, as `clock.mark` gives it.
STEPPED_UP_AT = "stepped_up_at"
#: Longest description of a device that is kept.
DEVICE_LENGTH = 256

Via = Literal["session", "token", "shell", "provider", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with the credential and the address by which the person comes; nobody for the shell and the system.

    `scopes` are those of a token, None where nothing narrows what the person may do.
    """

    user: User | None
    via: Via
    address: str = ""
    device: str = ""
    credential: str = ""
    scopes: frozenset[str] | None = None
    stepped_up_at: datetime | None = None
    command: str = ""

    @property
    def id(self) -> int | None:
        """Give the person's id."""
        return None if self.user is None else self.user.pk

    @property
    def is_operator(self) -> bool:
        """Tell whether the deed comes from this host's shell or from the product itself, with no person behind it."""
        return self.via in ("shell", "system")

    @property
    def has_stepped_up(self) -> bool:
        """Tell whether the person has shown the factors again within the last ten minutes, in this session."""
        if self.stepped_up_at is None:
            return False
        return -timedelta(seconds=clock.SKEW_S) <= timezone.now() - self.stepped_up_at < STEP_UP_LASTS

    @property
    def origin(self) -> dict[str, Any]:
        """Describe for the trail where the deed comes from."""
        if self.via == "shell":
            return {"via": self.via} | trail.command_line(self.command)
        known = {"address": self.address, "device": self.device, "credential": self.credential}
        return {"via": self.via} | {name: value for name, value in known.items() if value}


def of_request(request: HttpRequest, user: User | None = None) -> Actor:
    """Describe who asks: the session's person or the token's; `user` for somebody who is just signing in."""
    token = getattr(request, "auth", None)
    session = getattr(request, "session", None)
    asking = user or (request.user if isinstance(request.user, User) else None)
    address = addresses.of_request(request)
    device = str(request.META.get("HTTP_USER_AGENT", ""))[:DEVICE_LENGTH]
    if isinstance(token, Token):
        return Actor(asking, "token", address, device, credential=f"token:{token.pk}", scopes=frozenset(token.scopes))
    key = getattr(session, "session_key", None)
    return Actor(
        asking,
        "session",
        address,
        device,
        credential=f"session:{session_subject(key)[:16]}" if key else "",
        stepped_up_at=clock.at(session.get(STEPPED_UP_AT)) if session is not None else None,
    )


def shell(command: str) -> Actor:
    """Describe whoever sits at this host's shell: the operator, whom the trail names by the system's user."""
    return Actor(None, "shell", command=command)


def system(task: str) -> Actor:
    """Describe the product itself, at work by a timetable."""
    return Actor(None, "system", device=task)
