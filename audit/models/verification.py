"""What verifying found."""

from django.db import models
from django.db.models.functions import Now


class Verification(models.Model):
    """One look at the whole trail, and what it found."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    entries = models.BigIntegerField()
    #: The last link that was looked at.
    seq = models.BigIntegerField()
    is_ok = models.BooleanField()
    #: The report, as it was printed.
    detail = models.TextField()

    class Meta:
        db_table = "audit_verification"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {'whole' if self.is_ok else 'faults'}"
