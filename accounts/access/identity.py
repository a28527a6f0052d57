"""Who opens a socket: a bearer token, else the session's cookie with a check of its origin. No ORM, no thread."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from accounts import hashing
from accounts.access import tokens
from accounts.access.sessions import HELD, MARK, OVER
from accounts.models import Revocation, User
from accounts.revocations import AS_OF, session_subject

#: Runs a statement and gives its rows: the caller's connection, whatever it is.
Query = Callable[[str, Sequence[Any]], Awaitable[list[tuple[Any, ...]]]]

_SESSION = f"""
select s.session_data, d.subject is not null, {AS_OF}
from django_session s left join device_session d on d.subject = %s
where s.session_key = %s and s.expire_date > now() and (d.subject is null or not {OVER})
"""
#: Whoever has something to do first opens no socket by a session.
_PERSON = f"""
select u.id, u.username, u.name, u.password from "user" u where u.id = %s and u.is_active
and not {HELD}
"""


class Identity(NamedTuple):
    """A person, and the credential by which the person came (what a revocation names)."""

    id: int
    username: str
    name: str
    credential: tuple[str, str]
    #: Those of a token; None where nothing narrows what the person may do.
    scopes: frozenset[str] | None = None
    #: The look-up has all revocations up to this one in it: a later one ends what it found, an earlier one does not.
    as_of: int = 0


def _same_origin(headers: Mapping[bytes, bytes], scheme: str) -> bool:
    """Tell whether a browser's page of this very origin, or of a trusted one, opens the socket."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    own = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    hosts = {f"{own}://{headers.get(b'host', b'').decode('latin-1')}"}
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        hosts.add(f"https://{headers.get(b'host', b'').decode('latin-1')}")
    return bool(urlsplit(origin).netloc) and origin in hosts | set(settings.CSRF_TRUSTED_ORIGINS)


def _own_page(headers: Mapping[bytes, bytes], scope: Mapping[str, Any]) -> bool:
    """Tell whether a page of ours asks. A browser names no origin where a page fetches from its own: then the browser's
    word for that counts, and who has none of it shows the answer to nobody, as nothing allows other origins to read.
    """
    if scope["type"] == "http" and b"origin" not in headers:
        return headers.get(b"sec-fetch-site", b"same-origin") in (b"same-origin", b"none")
    return _same_origin(headers, scope.get("scheme", "ws"))


async def _by_token(token: str, query: Query) -> Identity | None:
    for person, username, name, token_id, scopes, as_of in await query(tokens.IDENTIFY, [hashing.digest(token)]):
        credential = (Revocation.Kind.TOKEN.value, str(token_id))
        return Identity(person, username, name, credential, frozenset(scopes), as_of)
    return None


async def _by_session(key: str, query: Query) -> Identity | None:
    rows = await query(_SESSION, [session_subject(key), key])
    session = SessionStore().decode(rows[0][0]) if rows else {}
    if SESSION_KEY not in session or (MARK in session and not rows[0][1]):
        return None
    for person, username, name, password in await query(_PERSON, [int(session[SESSION_KEY])]):
        expected = User(id=person, password=password).get_session_auth_hash()
        if constant_time_compare(session.get(HASH_SESSION_KEY, ""), expected):
            credential = (Revocation.Kind.SESSION.value, session_subject(key))
            return Identity(person, username, name, credential, as_of=rows[0][2])
    return None


async def of_scope(scope: Mapping[str, Any], query: Query) -> Identity | None:
    """Find who opens a connection, by its ASGI scope; None for nobody (a foreign origin, a notice unread)."""
    headers = dict(scope["headers"])
    token = tokens.bearer(headers.get(b"authorization", b"").decode("latin-1"))
    if token is not None:
        return await _by_token(token, query)
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return None
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if key is None or not _own_page(headers, scope):
        return None
    return await _by_session(key.value, query)
