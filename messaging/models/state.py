"""What the log makes of a message that later events changed."""

from django.db import models


class MessageState(models.Model):
    """The present state of one *changed* message, written by the log's trigger: a page of history is one query.

    A property test holds it equal to `messaging.fold` of the log.
    """

    pk = models.CompositePrimaryKey("conversation_id", "seq")
    conversation_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    body = models.TextField(null=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.BigIntegerField(null=True)
    #: [{"emoji": "👍", "users": [3, 17]}, …] in the order of the first reaction.
    reactions = models.JSONField(db_default=models.Value([], models.JSONField()))
    replies = models.IntegerField(db_default=0)
    last_reply_at = models.DateTimeField(null=True)
    pinned_at = models.DateTimeField(null=True)
    pinned_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "message_state"
        indexes = [
            models.Index("conversation_id", "seq", name="message_pinned", condition=models.Q(pinned_at__isnull=False)),
            # What was deleted, to take it off a count.
            models.Index(
                "conversation_id", "seq", name="message_deleted", condition=models.Q(deleted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq}"
