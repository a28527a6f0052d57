"""Deeds that want four eyes."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class Approval(models.Model):
    """A request for a deed, and what a second person said to exactly this request."""

    class State(models.TextChoices):
        OPEN = "open"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        DONE = "done"
        LAPSED = "lapsed"

    verb = models.CharField(max_length=32)
    request = models.JSONField()
    #: SHA-256 over verb, requester and request: what was approved is what is carried out.
    digest = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=500)
    requester = models.ForeignKey(User, models.PROTECT, related_name="approvals_asked")
    #: Whom the deed is about: that person can't be the second pair of eyes.
    subject = models.ForeignKey(User, models.PROTECT, null=True, related_name="approvals_about")
    requested_at = models.DateTimeField(db_default=Now())
    lapses_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="approvals_decided")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "approval"
        indexes = [models.Index(fields=["state", "-requested_at"], name="approval_by_state")]

    def __str__(self) -> str:
        return f"{self.verb} asked by {self.requester}"
