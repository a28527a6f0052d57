"""What a person's own log amounts to, and which threads concern somebody."""

from django.db import models
from django.db.models.fields.json import KeyTextTransform


class ThreadFollow(models.Model):
    """A thread that somebody said something in, or was mentioned in: written by the log's trigger."""

    pk = models.CompositePrimaryKey("person_id", "conversation_id", "root")
    person_id = models.BigIntegerField()
    conversation_id = models.BigIntegerField()
    #: The seq of the message that it is about.
    root = models.BigIntegerField()

    class Meta:
        db_table = "thread_follow"

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}/{self.root}"


class PersonalState(models.Model):
    """What counts now of a person's own log, folded by the log's trigger: the last word for a key of a kind."""

    pk = models.CompositePrimaryKey("person_id", "kind", "key")
    person_id = models.BigIntegerField()
    kind = models.TextField()
    #: What of its kind it speaks of, such as "12/40": message 40 of conversation 12.
    key = models.TextField()
    #: The event that said so.
    seq = models.BigIntegerField()
    value = models.JSONField()

    class Meta:
        db_table = "personal_state"
        indexes = [
            # What is to be said next, of all people: `due_at` is text whose order is that of time.
            models.Index(
                KeyTextTransform("due_at", "value"), name="personal_state_due", condition=models.Q(kind="schedule")
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} of {self.person_id}"
