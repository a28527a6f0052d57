"""For which name a passkey is made, and from which pages it may be used (WebAuthn level 3: RP ID and origins)."""

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


class RelyingParty(NamedTuple):
    """The host's name without its port, and the origins whose pages may ask for its passkeys."""

    id: str
    origins: list[str]


def of_request(request: HttpRequest) -> RelyingParty | None:
    """Say by which name this request reached us; None where that is an address, for which no passkey can be made.

    Django has checked the name against `PARLEY_HOSTS`. Of `PARLEY_ORIGINS` those count that are this name or below it.
    """
    host = request.get_host()
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    if not name or _is_address(name):
        return None
    own = f"{request.scheme}://{host}"
    trusted = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if _is_within(origin, name)]
    return RelyingParty(name, list(dict.fromkeys([own, *trusted])))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_within(origin: str, name: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return host == name or host.endswith(f".{name}")
