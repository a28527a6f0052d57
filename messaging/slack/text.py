"""Slack's markup → the words of a Parley body. Pure, and in one pass, so that nothing is unescaped twice."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_MARK = re.compile(r"&(?:amp|lt|gt);|<([^<>]+)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_UNSAYABLE = re.compile("[\0\ud800-\udfff]")
#: Opens a mention that Slack meant, until `finished`: a character that Unicode keeps for a program's own use.
_MEANT = "\ufdd0"
#: Words that only look like a mention: nobody is mentioned who was not.
_LOOK_ALIKE = re.compile(r"<(?=@[0-9]{1,15}>|&[0-9]{1,15}>|!channel>|!here>)")
_PARTED = "<\u2060"
_REPLACEMENT = "\ufffd"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
#: What would end a link's label or its address too early.
_BREAKS_LABEL = re.compile(r"[\[\]\n]")
_PARENTHESES = str.maketrans({"(": "%28", ")": "%29"})
_ROOM_WIDE = {"here": "!here>", "channel": "!channel>", "everyone": "!channel>", "group": "!channel>"}


class Names(NamedTuple):
    """What Slack's ids stand for: people's ids in Parley, conversations' names."""

    people: Mapping[str, int]
    channels: Mapping[str, str]


class Finished(NamedTuple):
    """A text that can be stored, and how many of its characters had to be replaced, and look-alikes parted."""

    text: str
    replaced: int
    parted: int


def words(text: str, names: Names) -> str:
    """Turn Slack's markup into words, to be `finished`; ids that `names` lacks stay readable as they are."""
    if "<" not in text and "&" not in text:
        return text.replace(_MEANT, _REPLACEMENT)
    text = text.replace(_MEANT, _REPLACEMENT)
    return _MARK.sub(lambda mark: _ENTITIES.get(mark[0]) or _token(mark[1], names), text)


def finished(text: str) -> Finished:
    """Put U+FFFD for NUL and unpaired surrogates, which no database takes, and part what looks like a mention."""
    text, replaced = _UNSAYABLE.subn(_REPLACEMENT, text)
    text, parted = _LOOK_ALIKE.subn(_PARTED, text) if "<" in text else (text, 0)
    return Finished(text.replace(_MEANT, "<"), replaced, parted)


def sayable(text: str) -> str:
    """Put U+FFFD for what no database takes: in names, where nothing else needs care."""
    return _UNSAYABLE.sub(_REPLACEMENT, text)


def link(label: str, url: str) -> str:
    """Write a link as a body has it: the bare address where the label says no more."""
    if label in ("", url, url.removeprefix("mailto:")):
        return label or url
    if _BREAKS_LABEL.search(label):
        return f"{label} ({url})"
    return f"[{label}]({url.translate(_PARENTHESES)})"


def unescape(text: str) -> str:
    """Undo Slack's three escapes, once."""
    return _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], text.replace(_MEANT, _REPLACEMENT))


def _token(inside: str, names: Names) -> str:
    target, _, label = inside.partition("|")
    label = unescape(label)
    match target[0:1]:
        case "@":
            person = names.people.get(target[1:])
            return f"@{label.removeprefix('@') or unescape(target[1:])}" if person is None else f"{_MEANT}@{person}>"
        case "#":
            return f"#{label or names.channels.get(target[1:]) or unescape(target[1:])}"
        case "!":
            return _command(target[1:], label)
    if _URL.fullmatch(target):
        return link(label, unescape(target))
    # No mark of Slack's: words that happen to stand between brackets.
    return f"<{unescape(inside)}>"


def _command(target: str, label: str) -> str:
    """Write `<!…>`: the whole room, a user group, or a date (`!date^SECONDS^FORM^LINK|FALLBACK`)."""
    name, *parts = target.split("^")
    if name in _ROOM_WIDE:
        return _MEANT + _ROOM_WIDE[name]
    if name == "date":
        return link(label, unescape(parts[2])) if len(parts) > 2 and label else label or f"<!{unescape(target)}>"
    return f"@{label.removeprefix('@') or unescape(parts[0] if parts else name)}"
