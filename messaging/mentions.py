"""Who a message wants: `<@12>` names a person by id, `<!channel>` and `<!here>` everybody."""

import re
from typing import Literal

from messaging.protocol import limits

_MENTION = re.compile(r"<@(\d{1,15})>|<!(channel|here)>")

Mentioned = int | Literal["channel", "here"]


def find(body: str) -> list[Mentioned]:
    """List whom a body mentions, each once, in order, people up to a bound."""
    if "<@" not in body and "<!" not in body:
        return []
    found: dict[Mentioned, None] = {}
    for person, everybody in _MENTION.findall(body):
        found.setdefault(int(person) if person else everybody)
    return list(found)[: limits.MENTIONS]
