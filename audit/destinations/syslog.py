"""Syslog over TLS: RFC 5424 messages, framed by counting octets (RFC 5425)."""

import contextlib
import os
import socket
import ssl
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from audit.checkpoint import Checkpoint
from audit.destinations.destination import TIMEOUT_S, BadDestination, Destination, tls

PORT = 6514
#: Facility 13 (log audit), severity 5 (notice).
PRIORITY = 13 * 8 + 5


@dataclass(frozen=True)
class SyslogDestination(Destination):
    """`syslog+tls://host:6514`. Syslog has no answer: what the network lost after it was sent is not noticed."""

    host: str = ""
    port: int = PORT

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read the host and the port."""
        parts = urlsplit(url)
        if not parts.hostname or parts.path.strip("/") or parts.query:
            raise BadDestination(url, "must be syslog+tls://HOST:PORT")
        return cls(url, host=parts.hostname, port=parts.port or PORT)

    def deliver(self, checkpoint: Checkpoint) -> None:
        """Send one message, over a connection of its own."""
        message = frame(checkpoint)
        with (
            socket.create_connection((self.host, self.port), timeout=TIMEOUT_S) as plain,
            tls().wrap_socket(plain, server_hostname=self.host) as wrapped,
        ):
            wrapped.sendall(message)
            # The other side's goodbye comes after all that was sent; one that says none has it all the same.
            with contextlib.suppress(TimeoutError, ssl.SSLError):
                wrapped.unwrap()


def frame(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint as a message with its length in front."""
    header = f"<{PRIORITY}>1 {checkpoint.at} {_hostname()} parley {os.getpid()} checkpoint -"
    message = f"{header} {checkpoint.line()}".encode()
    return f"{len(message)} ".encode() + message


def _hostname() -> str:
    name = socket.gethostname().encode("ascii", "ignore").decode()
    return "".join(name.split())[:255] or "-"
