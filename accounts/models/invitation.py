"""Invitations, and who came by them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class Invitation(models.Model):
    """A way in for somebody who has no account yet, by e-mail or by a link that is passed on."""

    #: Empty for a link that is passed on.
    email = models.EmailField(max_length=254, blank=True)
    #: Somebody who came by an import and takes over their own account.
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="invitations")
    #: Null where the operator invited from the shell.
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="invitations_made")
    #: `member`, `guest`, or a role that comes on top of being a member.
    role = models.CharField(max_length=32, default="member")
    #: Ids of the conversations that await; accounts know nothing else of them.
    conversations = ArrayField(models.BigIntegerField(), default=list)
    digest = models.BinaryField(max_length=32, unique=True)
    uses = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invitation"
        indexes = [models.Index(fields=["-created_at"], name="invitation_by_age")]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Acceptance(models.Model):
    """Somebody came by an invitation."""

    invitation = models.ForeignKey(Invitation, models.PROTECT, related_name="acceptances")
    user = models.ForeignKey(User, models.PROTECT, related_name="acceptances")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "acceptance"
        constraints = [models.UniqueConstraint("invitation", "user", name="acceptance_once")]

    def __str__(self) -> str:
        return f"{self.user} by {self.invitation}"
