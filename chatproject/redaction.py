"""Takes secrets out of what is logged: libraries write down addresses and headers that hold some."""

import logging
import re

_HIDDEN = "[hidden]"
_SECRETS = (
    # links by mail: Django's log of refusals names the path
    (re.compile(r"(/(?:reset|verify|signup|invite)/)[^\s/?\"'<>&]+"), rf"\1{_HIDDEN}"),
    # bearer tokens, in the header and wherever else
    (re.compile(r"\bparley_[\w-]+"), f"parley_{_HIDDEN}"),
    # cookies and credentials: websockets writes every header of a handshake at DEBUG
    (re.compile(r"(?i)((?:cookie|authorization|x-csrftoken)['\"]?(?::|,| =>)\s*).*"), rf"\1{_HIDDEN}"),
    (re.compile(r"(?i)((?:sessionid|csrftoken|csrfmiddlewaretoken|password)=)[^\s;&]+"), rf"\1{_HIDDEN}"),
)


def redact(text: str) -> str:
    """Hide what looks like a secret of ours."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


class Formatter(logging.Formatter):
    """Formats a record whole, its traceback too, and hides the secrets in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Format it."""
        return redact(super().format(record))
