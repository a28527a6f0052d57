"""Signed checkpoints, the keys that sign them, and their ways off this host."""

from django.db import models
from django.db.models.functions import Now

from audit.keys import PublicKey


class Key(models.Model):
    """The public half of a key, with what was signed about it (`keys.py`). It is retired when the next one begins."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.UUIDField()
    fingerprint = models.CharField(max_length=64, unique=True)
    public_key = models.BinaryField()
    #: ISO 8601, as signed.
    since = models.CharField(max_length=40)
    previous = models.CharField(max_length=64, null=True, unique=True)
    signature = models.BinaryField()
    #: The predecessor's signature; null for the first key, and where the predecessor was lost.
    endorsement = models.BinaryField(null=True)

    class Meta:
        db_table = "audit_key"

    def __str__(self) -> str:
        return f"key {self.fingerprint[:16]} since {self.since}"

    @classmethod
    def of(cls, key: PublicKey) -> "Key":
        """Make the row of a key."""
        return cls(
            workspace=key.workspace,
            fingerprint=key.fingerprint,
            public_key=key.public_key,
            since=key.since,
            previous=key.previous,
            signature=key.signature,
            endorsement=key.endorsement,
        )

    def public(self) -> PublicKey:
        """Give what an auditor checks."""
        return PublicKey(
            str(self.workspace),
            bytes(self.public_key),
            self.since,
            self.previous,
            bytes(self.signature),
            bytes(self.endorsement) if self.endorsement else None,
        )


class Checkpoint(models.Model):
    """What the end of the trail was, signed (`checkpoint.py`)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    link_seq = models.BigIntegerField()
    fingerprint = models.CharField(max_length=64)
    #: The whole document, as it leaves this host.
    line = models.TextField()

    class Meta:
        db_table = "audit_checkpoint"
        constraints = [
            models.UniqueConstraint(fields=["link_seq", "fingerprint"], name="audit_checkpoint_once"),
        ]

    def __str__(self) -> str:
        return f"checkpoint of link {self.link_seq}"


class Delivery(models.Model):
    """One checkpoint's way to one destination."""

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="deliveries")
    destination = models.TextField()
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        db_table = "audit_delivery"
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "destination"], name="audit_delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["destination", "next_at"],
                name="audit_delivery_due",
                condition=models.Q(delivered_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint} to {self.destination}"
