"""The log of what was revoked."""

from django.db import models
from django.db.models.functions import Now


class Revocation(models.Model):
    """One entry of the numbered log that every process reads each second, to cut what is no longer allowed."""

    class Kind(models.TextChoices):
        PERSON = "person"
        SESSION = "session"
        TOKEN = "token"  # noqa: S105 - a kind, not a secret

    seq = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    #: The person's or the token's id, or the SHA-256 of the session's key.
    subject = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "revocation"

    def __str__(self) -> str:
        return f"{self.seq}: {self.kind} {self.subject}"
