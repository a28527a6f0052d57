"""A web server that takes checkpoints by POST."""

import contextlib
import http.client
import ipaddress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from audit.checkpoint import Checkpoint
from audit.destinations.destination import TIMEOUT_S, BadDestination, Destination, Undelivered, tls

SIGNATURE_HEADER = "Parley-Signature"


@dataclass(frozen=True)
class WebhookDestination(Destination):
    """`https://…`, or `http://` on this machine. Any answer but 2xx is a failure; redirects are not followed."""

    is_tls: bool = True
    host: str = ""
    port: int = 443
    path: str = "/"

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read the address; plain HTTP leads to this machine only."""
        parts = urlsplit(url)
        if not parts.hostname or parts.username or parts.fragment or not url.isascii() or not url.isprintable():
            raise BadDestination(url, "must be https://HOST/PATH")
        is_tls = parts.scheme == "https"
        if not (is_tls or _is_loopback(parts.hostname)):
            raise BadDestination(url, "sends checkpoints in the clear: use https")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(url, is_tls=is_tls, host=parts.hostname, port=parts.port or (443 if is_tls else 80), path=path)

    def deliver(self, checkpoint: Checkpoint) -> None:
        """POST the document, its signature and the key's fingerprint in a header too."""
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: f'keyid="{checkpoint.fingerprint}", ed25519="{checkpoint.signature}"',
        }
        with contextlib.closing(self._connect()) as connection:
            try:
                connection.request("POST", self.path, checkpoint.line().encode(), headers)
                status = connection.getresponse().status
            except http.client.HTTPException as error:
                raise Undelivered(f"what answered does not speak HTTP: {error!r}") from error
        if not 200 <= status < 300:
            raise Undelivered(f"it answered {status}")

    def _connect(self) -> http.client.HTTPConnection:
        if self.is_tls:
            return http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT_S, context=tls())
        return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
