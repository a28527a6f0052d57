"""Who holds which role, and roles of the workspace's own."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models.person import User


class Role(models.Model):
    """A role of the workspace's own making: some verbs of `accounts.authority.verbs` under a name."""

    name = models.SlugField(max_length=32, unique=True)
    title = models.CharField(max_length=64)
    verbs = ArrayField(models.CharField(max_length=32))
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "role"

    def __str__(self) -> str:
        return self.title


class Grant(models.Model):
    """Somebody was given a role: by whom, from when on, and until when. Ended ones stay: they are history."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    #: A built-in role or the name of a `Role`.
    role = models.CharField(max_length=32)
    #: Null where the operator gave it from the shell.
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="grants_given")
    granted_at = models.DateTimeField(db_default=Now())
    effective_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="grants_ended")

    #: From its time on, to its end; where there was nothing to wait for, also while the clock is set back.
    IN_FORCE: ClassVar[models.Q] = models.Q(ended_at=None) & (
        models.Q(effective_at__lte=Now()) | models.Q(effective_at__lte=models.F("granted_at"))
    )

    class Meta:
        db_table = "grant"
        constraints = [
            models.UniqueConstraint("user", "role", condition=models.Q(ended_at=None), name="grant_once_at_a_time")
        ]
        indexes = [models.Index("role", condition=models.Q(ended_at=None), name="grant_in_force_by_role")]

    def __str__(self) -> str:
        return f"{self.role} of {self.user}"

    @property
    def is_ahead(self) -> bool:
        """Whether its time has yet to come."""
        return self.effective_at > max(timezone.now(), self.granted_at)


class Recertification(models.Model):
    """A quarter's question: does everybody still need the role that they hold?"""

    quarter = models.CharField(max_length=7, unique=True)  # 2026-Q4
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "recertification"

    def __str__(self) -> str:
        return self.quarter


class Attestation(models.Model):
    """One grant in a recertification, and what was answered about it."""

    class Answer(models.TextChoices):
        KEEP = "keep"
        END = "end"

    recertification = models.ForeignKey(Recertification, models.PROTECT, related_name="attestations")
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="attestations")
    answer = models.CharField(max_length=4, choices=Answer.choices, blank=True)
    attested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="attestations_given")
    attested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "attestation"
        constraints = [models.UniqueConstraint("recertification", "grant", name="attestation_once_a_grant")]

    def __str__(self) -> str:
        return f"{self.grant} in {self.recertification}"
