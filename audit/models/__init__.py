"""What the trail keeps, a facet a file."""

from audit.models.entry import Entry, Personal
from audit.models.link import Link

__all__ = ["Entry", "Link", "Personal"]
