"""Who accepted which version of the notice of monitoring."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class NoticeAcceptance(models.Model):
    """Somebody was shown a version of the notice and accepted it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices_accepted")
    #: Hexadecimal SHA-256 of the text, cut to 16.
    version = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "notice_acceptance"
        constraints = [models.UniqueConstraint("user", "version", name="notice_accepted_once")]

    def __str__(self) -> str:
        return f"{self.user} accepted {self.version}"
