"""Every address that `chatproject.urls` serves, with an example in place of each converter."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

_EXAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-4000-8000-000000000000"}


class Address(NamedTuple):
    """A pattern that is served."""

    path: str
    view: Any

    @property
    def is_api(self) -> bool:
        """Whether a program calls it."""
        return self.path.startswith("/api/")


def walk() -> list[Address]:
    """List all addresses."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Address]:
    for each in patterns:
        path = before + _example(str(each.pattern))
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, path)
        else:
            yield Address("/" + path, each.callback)


def _example(pattern: str) -> str:
    """Fill a pattern in: `<int:conversation>` is 1; of a regular expression (the admin's) groups are `x`."""
    if pattern.startswith("^") or "(?P" in pattern:
        pattern = re.sub(r"\(\?P<\w+>[^)]*\)+", "x", pattern).lstrip("^").removesuffix("\\Z").rstrip("$")
        return pattern.replace("\\", "")
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: _EXAMPLES.get(found[1] or "str", "x"), pattern)
