"""The chain."""

from django.db import models


class Link(models.Model):
    """One link a deed, which is one transaction; made by the database as it commits (`migrations/0003_chain.py`)."""

    seq = models.BigIntegerField(primary_key=True)
    deed = models.UUIDField(unique=True)
    #: The number of the deed's first entry. Entries are numbered from 1, without a gap, in the order of the links.
    first = models.BigIntegerField(unique=True)
    entries = models.IntegerField()
    #: SHA-256 over the digests of its entries, in the order of their ids.
    entries_digest = models.BinaryField()
    at = models.DateTimeField()
    previous = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_link"

    def __str__(self) -> str:
        return f"link {self.seq} at {self.at:%Y-%m-%d %H:%M}"
