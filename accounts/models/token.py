"""Bearer tokens."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class Token(models.Model):
    """A bearer token: shown once, kept as a hash."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=64, default="")
    #: What it may do, of `accounts.authority.verbs.SCOPES`.
    scopes = ArrayField(models.CharField(max_length=16), default=list)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "token"

    def __str__(self) -> str:
        return f"token {self.pk} of {self.user}"
