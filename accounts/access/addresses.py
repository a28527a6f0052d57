"""Where a request comes from, and whether that is among the networks allowed."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Network = IPv4Network | IPv6Network


def of_request(request: HttpRequest) -> str:
    """Give the address of whoever asks; the proxy's word for it counts only where a proxy was declared."""
    if settings.IS_BEHIND_PROXY:
        # The last entry is the one that our own proxy wrote; those before it are the client's own claims.
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
        if forwarded:
            return plain(forwarded)
    return plain(str(request.META.get("REMOTE_ADDR") or ""))


def plain(address: str) -> str:
    """Write an address in its one usual form; an empty text for what is none (a Unix socket)."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def network(text: str) -> Network:
    """Read a network such as `10.0.0.0/8`, `2001:db8::/32` or one address. Raises ValueError with a sentence."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is no network: write it like 10.0.0.0/8 or 2001:db8::/32.") from None


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Tell whether an address lies in one of the networks; without any network every address does."""
    allowed = [network(text) for text in networks]
    if not allowed:
        return True
    try:
        here = ip_address(address)
    except ValueError:
        return False
    return any(here.version == each.version and here in each for each in allowed)
