"""Where mail goes: `PARLEY_EMAIL_URL`, as Django's settings. Kept free of Django, so that settings may import it."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

#: How long a mail server may take to answer (seconds).
TIMEOUT_S = 10
#: For each scheme its usual port, and whether TLS comes by STARTTLS or from the first byte.
_SCHEMES = {"smtp": (587, True, False), "smtps": (465, False, True), "smtp+plain": (25, False, False)}


def settings(url: str, folder: Path) -> dict[str, Any]:
    """Read the address of a mail server: `smtp://` (STARTTLS), `smtps://`, `smtp+plain://` on this host, or `console`.

    Without any, mails are put into `folder` as files. Raises ValueError with a sentence that holds no password.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    if url == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts, port = _split(url)
    usual, is_starttls, is_tls = _SCHEMES[parts.scheme]
    if parts.scheme == "smtp+plain" and not _is_loopback(parts.hostname or ""):
        raise ValueError(
            "PARLEY_EMAIL_URL: smtp+plain:// sends in the clear, so it is for this host alone; use smtp://."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or usual,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": is_starttls,
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_TIMEOUT": TIMEOUT_S,
    }


def _split(url: str) -> tuple[SplitResult, int | None]:
    wanted = "PARLEY_EMAIL_URL must look like smtp://user:password@mail.example.com:587 (or smtps://…:465)"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{wanted}: its host or port can't be read.") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"{wanted}: it starts with none of {', '.join(f'{name}://' for name in _SCHEMES)}.")
    if not parts.hostname:
        raise ValueError(f"{wanted}: it names no host.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{wanted}: write / ? # and @ in a password as %2F %3F %23 and %40.")
    return parts, port


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
