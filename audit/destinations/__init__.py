"""Where checkpoints go when they leave this host: one file a transport."""

from collections.abc import Callable
from urllib.parse import urlsplit

from audit.destinations import file, mail, syslog, webhook
from audit.destinations.destination import BadDestination, Destination

_KINDS: dict[str, Callable[[str], Destination]] = {
    "syslog+tls": syslog.SyslogDestination.parse,
    "https": webhook.WebhookDestination.parse,
    "http": webhook.WebhookDestination.parse,
    "file": file.FileDestination.parse,
    "mailto": mail.MailDestination.parse,
}


def parse(text: str) -> list[Destination]:
    """Read `PARLEY_CHECKPOINTS_TO`, addresses with commas between; raises BadDestination for the first bad one."""
    return [_parse(part.strip()) for part in text.split(",") if part.strip()]


def _parse(url: str) -> Destination:
    try:
        parts = urlsplit(url)
        kind, _port = _KINDS.get(parts.scheme), parts.port
    except ValueError as error:
        raise BadDestination(url, f"is no address: {error}") from error
    if kind is None:
        raise BadDestination(url, "begins with none of syslog+tls:, https:, file:, mailto:")
    if parts.password is not None:
        raise BadDestination(
            f"{parts.scheme}://…@{parts.hostname}", "holds a password, which would be kept in the database"
        )
    return kind(url)


__all__ = ["BadDestination", "Destination", "parse"]
