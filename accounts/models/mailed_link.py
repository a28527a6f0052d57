"""Links that were mailed: each proves, once, that somebody reads an address."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class MailedLink(models.Model):
    """A link to an address, kept as a hash; whoever follows it in time reads that address."""

    class Purpose(models.TextChoices):
        VERIFY = "verify"
        ADDRESS = "address"
        RESET = "reset"
        SIGNUP = "signup"

    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    #: Null for somebody who signs up.
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="mailed_links")
    email = models.EmailField(max_length=254)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "mailed_link"
        indexes = [models.Index(fields=["expires_at"], name="mailed_link_by_expiry")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
