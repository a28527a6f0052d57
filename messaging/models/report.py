"""What members report to the moderators, and what became of it: rows are only added."""

from django.db import models
from django.db.models.functions import Now


class Report(models.Model):
    """A message that somebody reports. The last four columns are folded from its steps by the table's own trigger.

    It is no event: who is in the conversation doesn't learn of it.
    """

    class Reason(models.TextChoices):
        HARASSMENT = "harassment"
        SPAM = "spam"
        CONFIDENTIAL = "confidential"
        ILLEGAL = "illegal"
        OTHER = "other"

    id = models.BigAutoField(primary_key=True)
    conversation_id = models.BigIntegerField()
    #: What sort of conversation it is, which never changes.
    kind = models.CharField(max_length=8)
    seq = models.BigIntegerField()
    author_id = models.BigIntegerField()
    #: The event that said what was reported: the newest edit of then, or the message.
    version = models.BigIntegerField()
    reporter_id = models.BigIntegerField()
    reason = models.CharField(max_length=12, choices=Reason.choices)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(db_default=Now())
    #: The moderator who has it now.
    holder_id = models.BigIntegerField(null=True)
    #: When moderators were told by mail that there is something new.
    told_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, null=True)

    class Meta:
        db_table = "report"
        constraints = [models.UniqueConstraint("reporter_id", "conversation_id", "seq", name="report_once")]
        indexes = [
            models.Index("reporter_id", "id", name="report_reporter"),
            models.Index("conversation_id", "seq", name="report_message"),
            models.Index("at", "id", name="report_at"),
            models.Index("at", "id", name="report_open", condition=models.Q(decided_at=None)),
        ]

    def __str__(self) -> str:
        return f"report {self.pk} of {self.conversation_id}/{self.seq}"


class ReportStep(models.Model):
    """Something that a moderator did with a report, in their order."""

    class Kind(models.TextChoices):
        CLAIM = "claim"
        RELEASE = "release"
        TAKE_OVER = "take_over"
        #: Moderators were told by mail; nobody did it.
        TELL = "tell"
        DECIDE = "decide"

    class Outcome(models.TextChoices):
        DISMISSED = "dismissed"
        DELETED = "deleted"
        #: In the conversation.
        MUTED = "muted"
        #: In the whole workspace.
        SILENCED = "silenced"
        REMOVED = "removed"
        BANNED = "banned"

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(Report, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    by_id = models.BigIntegerField(null=True)
    note = models.CharField(max_length=1000, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, null=True)
    #: Whether the message was deleted with it.
    is_deleted = models.BooleanField(db_default=False)
    #: For how long somebody was muted.
    for_s = models.IntegerField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "report_step"

    def __str__(self) -> str:
        return f"{self.kind} of report {self.report_id}"
