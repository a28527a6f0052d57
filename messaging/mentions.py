"""Who a message wants: `<@12>` names a person by id, `<&7>` a user group, `<!channel>` and `<!here>` everybody."""

import re
from typing import Literal

from messaging.protocol import limits

_MENTION = re.compile(r"<@(\d{1,15})>|<&(\d{1,15})>|<!(channel|here)>")

#: A person's id, a user group's, or everybody: as an event's payload has it.
Mentioned = int | dict[str, int] | Literal["channel", "here"]


def find(body: str) -> list[Mentioned]:
    """List whom a body mentions, each once, in order, up to a bound."""
    if "<@" not in body and "<!" not in body and "<&" not in body:
        return []
    named = list(dict.fromkeys(_MENTION.findall(body)))
    return [
        int(person) if person else {"group": int(group)} if group else everybody for person, group, everybody in named
    ][: limits.MENTIONS]
