"""Who reads which part of the trail, and of which part only that it is there."""

from collections.abc import Collection
from typing import NamedTuple

from audit.category import Category


class Readable(NamedTuple):
    """The categories that somebody reads, and those of which only number and time are shown."""

    open: frozenset[Category]
    sealed: frozenset[Category]

    @property
    def shown(self) -> frozenset[Category]:
        """Both."""
        return self.open | self.sealed


_RUNNING = frozenset({Category.ACCOUNT, Category.ADMINISTRATION, Category.SETTINGS, Category.SYSTEM})


def of(verbs: Collection[str]) -> Readable:
    """Tell what somebody reads by what the person may do.

    An auditor reads how the workspace is run, and sees of cases that they are there. An officer reads the cases, which
    are the officers' own, and what concerns people and roles. An owner reads how the workspace is run, and sees
    nothing of cases. Everybody else reads nothing.
    """
    found: frozenset[Category] = frozenset()
    if "trail.read" in verbs or "owner.grant" in verbs:
        found |= _RUNNING
    if "case.open" in verbs:
        found |= {Category.CASE, Category.ADMINISTRATION, Category.SYSTEM}
    sealed = frozenset({Category.CASE}) if "trail.read" in verbs else frozenset()
    return Readable(found, sealed - found)
