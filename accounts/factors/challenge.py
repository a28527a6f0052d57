"""What a passkey signs: random, for one purpose, once, within five minutes, in the session that asked.

Who signs in with a passkey alone has no session yet: `accounts.factors.visitor`.
"""

import base64
import secrets
from typing import Literal

from django.contrib.sessions.backends.base import SessionBase

from accounts import clock

LASTS_S = 300
_KEY = "passkey_challenges"

#: Adding a passkey; after the password; showing again that it is you.
Purpose = Literal["add", "second", "stepup"]


def make(session: SessionBase, purpose: Purpose) -> bytes:
    """Make a challenge, in place of the purpose's last one."""
    made = secrets.token_bytes(32)
    session[_KEY] = session.get(_KEY, {}) | {purpose: [base64.b64encode(made).decode(), clock.mark()]}
    return made


def use(session: SessionBase, purpose: Purpose) -> bytes | None:
    """Give the purpose's challenge and forget it, whatever becomes of it; None where there is none or it is too old."""
    kept = dict(session.get(_KEY, {}))
    text, made_at = kept.pop(purpose, (None, None))
    session[_KEY] = kept
    return base64.b64decode(text) if text and clock.age_s(made_at) < LASTS_S else None
