"""Rights taken away: a numbered log that each process reads every second (`docs/architecture.md`, rights)."""

import hashlib

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Revocation, Token, User

#: An advisory lock, so that numbers are given out in the order of commits and a reader's cursor misses none.
_LOCK = 0x7061726C65790001

#: For the hub: what came after its cursor.
SINCE = "select seq, kind, subject from revocation where seq > %s order by seq limit 1000"
LATEST = "select coalesce(max(seq), 0) from revocation"
#: In a statement that looks up a credential: up to which entry its answer has all revocations in it.
AS_OF = f"({LATEST})"


def session_subject(session_key: str) -> str:
    """Name a session without giving away its key."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def record(kind: str, subject: str) -> None:
    """Add an entry; every socket and stream of the subject is cut within a second of the commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(
            "insert into revocation (seq, kind, subject) select coalesce(max(seq), 0) + 1, %s, %s from revocation",
            [kind, subject],
        )


def revoke_session(session_key: str) -> None:
    """Cut all that runs under a session."""
    record(Revocation.Kind.SESSION, session_subject(session_key))


def revoke_token(token: Token) -> None:
    """End a token and cut all that runs under it."""
    with transaction.atomic():
        Token.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
        record(Revocation.Kind.TOKEN, str(token.pk))


def cut(user: User) -> None:
    """Cut all that a person has open; whoever may still come in comes in again, with the rights of now."""
    record(Revocation.Kind.PERSON, str(user.pk))


def deactivate(user: User) -> None:
    """Close every door to a person, and cut what is open."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        cut(user)
