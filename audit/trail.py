"""The one door to the trail."""

import getpass
import socket
from collections.abc import Mapping
from typing import Any

from audit.models import Entry


def record(
    *,
    actor: int | None,
    verb: str,
    target: str,
    before: Any = None,
    after: Any = None,
    origin: Mapping[str, Any],
) -> Entry:
    """Put a deed on the trail, in the deed's own transaction.

    `target` is an opaque name such as `user:12`; `origin` says where the deed came from (an address, a command).
    """
    return Entry.objects.create(
        actor_id=actor, verb=verb, target=target, before=before, after=after, origin=dict(origin)
    )


def command_line(command: str) -> dict[str, str]:
    """Describe a deed done from a shell on this host: the command and the operating system's user."""
    return {"command": command, "os_user": getpass.getuser(), "host": socket.gethostname()}
