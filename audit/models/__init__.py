"""What the trail keeps, a facet a file."""

from audit.models.checkpoint import Checkpoint, Delivery, Key
from audit.models.entry import Entry, Personal
from audit.models.link import Link
from audit.models.verification import Verification

__all__ = ["Checkpoint", "Delivery", "Entry", "Key", "Link", "Personal", "Verification"]
