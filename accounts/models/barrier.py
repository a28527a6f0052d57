"""Ethical walls between groups of people."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class Segment(models.Model):
    """A group of people on one side of a barrier, such as a deal team."""

    name = models.CharField(max_length=64, unique=True)
    members = models.ManyToManyField(User, through="SegmentMember", related_name="segments")

    class Meta:
        db_table = "segment"

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """A person in a segment."""

    segment = models.ForeignKey(Segment, models.CASCADE)
    user = models.ForeignKey(User, models.PROTECT)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "segment_member"
        constraints = [models.UniqueConstraint("user", "segment", name="segment_member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.segment}"


class Barrier(models.Model):
    """Two segments whose people must not talk to each other."""

    one = models.ForeignKey(Segment, models.PROTECT, related_name="+")
    other = models.ForeignKey(Segment, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    raised_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "barrier"
        constraints = [
            models.UniqueConstraint("one", "other", name="barrier_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="barrier_in_id_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one} | {self.other}"
