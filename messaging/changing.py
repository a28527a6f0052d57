"""What a conversation is called and about, its rules, and its end: each change an event, all of one call together."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import transaction

from messaging.commands import Command
from messaging.database import rows
from messaging.log import append_in
from messaging.models import Conversation
from messaging.protocol.bodies import ConversationChange
from messaging.protocol.codec import Refused
from messaging.rights import Standing, check_says, locked_standing

#: What each field asks for.
VERBS: Mapping[str, str] = {
    "name": "rename",
    "topic": "set topic",
    "purpose": "set topic",
    "private": "make private",
    "archived": "archive",
    "read_only": "set pace",
    "slow_s": "set pace",
    "broad_mentions": "set pace",
    "disappears_s": "set history",
    "history": "set history",
    "edits_s": "set history",
}
_RULES = ("read_only", "slow_s", "disappears_s", "history", "edits_s", "broad_mentions")
_KINDS = {"name": "rename", "topic": "topic", "purpose": "purpose"}
#: The bounds of what is said for a time (seconds).
SHORTEST_S, LONGEST_S = 3600, 90 * 86400


def change(conversation: int, *, by: int, given: Mapping[str, Any]) -> None:
    """Change fields of VERBS; what is no different makes no event. Raises Refused, and then nothing is changed."""
    with transaction.atomic():
        mine = locked_standing(rows, conversation, by)
        was = Conversation.objects.get(pk=conversation)
        _check(mine, was, given)
        commands = [
            Command(conversation=conversation, author=by, kind=kind, payload=payload, is_vouched=True)
            for kind, payload in _events(was, given)
        ]
        append_in(commands)


def fields(asked: ConversationChange) -> dict[str, Any]:
    """Give the fields that are there, texts without the spaces around them. Raises Refused for what can't be kept."""
    found: dict[str, Any] = {}
    for name in asked.__struct_fields__:
        value = getattr(asked, name)
        if value is not msgspec.UNSET:
            found[name] = value.strip() if isinstance(value, str) else value
            if isinstance(value, str) and "\x00" in value:
                raise Refused("malformed", f"`{name}` can't hold the NUL character (U+0000): leave it out.")
    return found


def _check(mine: Standing, was: Conversation, given: Mapping[str, Any]) -> None:
    if mine.is_archived and given.get("archived") is not False:
        raise Refused("archived", "This conversation is archived: open it again to change it.")
    if mine.kind == "personal":
        raise Refused("forbidden", "What is one's own has no name or rules to change.")
    for name in given:
        if mine.kind == "direct":
            if name != "disappears_s":
                raise Refused("forbidden", f"A direct conversation has no `{name}` to change.")
        elif not mine.may(VERBS[name]):
            raise Refused("forbidden", f"Your role in this conversation doesn't let you change `{name}`.")
        elif was.is_read_only and name in ("topic", "purpose") and not mine.may("post where read-only"):
            raise Refused("forbidden", "Only owners and moderators write in this conversation; you can read it.")
    if not given.keys().isdisjoint(_KINDS):
        check_says(mine.muted_for_s)
    if given.get("name") == "" and was.kind == "channel":
        raise Refused("malformed", "A channel needs a name.")
    if "private" in given and (was.kind != "channel" or not given["private"]):
        raise Refused("malformed", "A public channel can be made private; what is private stays so.")
    if given.get("disappears_s", 0) != 0 and not SHORTEST_S <= given["disappears_s"] <= LONGEST_S:
        raise Refused("malformed", f"`disappears_s` is 0 or from {SHORTEST_S} to {LONGEST_S}.")


def _events(was: Conversation, given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Say what differs, as kinds of events with their payloads: an opening first, an archiving last."""
    found: list[tuple[str, dict[str, Any]]] = [
        (kind, {name: given[name]}) for name, kind in _KINDS.items() if name in given and given[name] != _now(was, name)
    ]
    if given.get("private") and not was.is_private:
        found.append(("private", {"on": True}))
    rules = {name: given[name] for name in _RULES if name in given and given[name] != _now(was, name)}
    if rules:
        found.append(("rules", rules))
    if "archived" in given and given["archived"] != (was.archived_at is not None):
        found.insert(len(found) if given["archived"] else 0, ("archive", {"on": given["archived"]}))
    return found


def _now(was: Conversation, name: str) -> Any:
    value = getattr(was, "is_read_only" if name == "read_only" else name)
    return int(value) if name == "history" and value is not None and value.isdigit() else value
