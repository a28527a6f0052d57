"""What a password must be: long, nobody's favourite, and not made of one's own name. No rule asks for kinds of signs.

NIST SP 800-63B, section 5.1.1.2. Each class is one of Django's AUTH_PASSWORD_VALIDATORS.
"""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import workspace
from accounts.access import common_passwords
from accounts.models import User

LEAST_CHARACTERS = 10
#: Enough for any sentence; the work of hashing stays bounded.
MOST_BYTES = 1_000
#: How much of a password has to be something else than one's own name and the workspace's.
LEAST_OF_ITS_OWN = 6
#: Shorter words are in too much.
_LEAST_WORD = 4
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def hint() -> str:
    """Say what a password should be, before one is written."""
    return (
        _("At least %s characters. A few words that don't belong together are good and easy to remember.")
        % LEAST_CHARACTERS
    )


class Length:
    """Asks for ten characters, and at most 1,000 bytes."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for what is too short or too long."""
        if len(password) < LEAST_CHARACTERS:
            detail = _("Use at least %s characters: this has %s. A few words together are easy to remember.")
            raise ValidationError(detail % (LEAST_CHARACTERS, len(password)), code="too_short")
        if len(password.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            raise ValidationError(_("Use at most %s bytes.") % MOST_BYTES, code="too_long")

    def get_help_text(self) -> str:
        """Say what is asked for."""
        return hint()


class NotCommon:
    """Refuses what is on the list of common and breached passwords."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a listed one, also with a few digits or signs behind it."""
        if common_passwords.is_common(password):
            detail = _(
                "This password, or what it is made of, is on a list of common and stolen ones: it is tried first. "
                "Choose another."
            )
            raise ValidationError(detail, code="common")

    def get_help_text(self) -> str:
        """Say what is asked for."""
        return str(_("Not one that many people have."))


class NotOnesOwn:
    """Refuses what is made of one's own name, username or address, or of the workspace's name."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError where too little is left without them."""
        known = [workspace.display_name(), *((user.name, user.username, user.email) if user is not None else ())]
        left = _plain(password)
        for word in sorted(_words(known), key=len, reverse=True):
            left = left.replace(word, "")
        if left != _plain(password) and len(left) < LEAST_OF_ITS_OWN:
            detail = _("This password is made of your name, your address or the workspace's name. Choose another.")
            raise ValidationError(detail, code="own")

    def get_help_text(self) -> str:
        """Say what is asked for."""
        return str(_("Not made of your own name."))


def _plain(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", text.lower())


def _words(texts: Iterable[str]) -> set[str]:
    """Collect each text as a whole and its words."""
    found = {part for text in texts for part in (_plain(text), *_NOT_ALPHANUMERIC.split(text.lower()))}
    return {word for word in found if len(word) >= _LEAST_WORD}
