"""The log itself: one table to which rows are only added."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class Source(models.Model):
    """Where claimed times and authors come from: an import, by whom and when."""

    kind = models.CharField(max_length=16)
    sha256 = models.CharField(max_length=64)
    imported_by = models.TextField()
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "source"
        constraints = [models.UniqueConstraint("kind", "sha256", name="source_once")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.sha256}"


class Event(models.Model):
    """One event of a conversation's log. Nothing in it is ever changed: an edit is an event of its own.

    There are no foreign keys in the database: `append` checks rights, so it knows that both ends exist,
    and a check a row would cost more than the insert.
    """

    pk = models.CompositePrimaryKey("conversation_id", "seq")
    conversation_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    #: How many messages the log holds up to here: unread is a difference of two of these.
    n = models.BigIntegerField()
    id = models.UUIDField()
    kind = models.TextField()
    author_id = models.BigIntegerField()
    #: PostgreSQL's clock, read under the conversation's lock: never backwards in a log.
    at = models.DateTimeField()
    #: What a sender or an import claims, and which one claims it; null where the time was witnessed here.
    said_at = models.DateTimeField(null=True)
    source_id = models.BigIntegerField(null=True)
    #: The message that this changes.
    target = models.BigIntegerField(null=True)
    #: The root of the thread in which this was said.
    thread = models.BigIntegerField(null=True)
    #: Null once retention took it away.
    body = models.TextField(null=True)
    payload = models.JSONField(null=True)
    #: SHA-256 of salt and content; stays when salt and content go, so that a purge keeps the proof.
    salt = models.BinaryField(null=True)
    digest = models.BinaryField()
    #: The key that the content is sealed with; null: in clear.
    key_id = models.BigIntegerField(null=True)
    #: Shown until then: a message by the conversation's timer as it was when it was said, an edit with its message.
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "event"
        constraints = [models.UniqueConstraint("conversation_id", "id", name="event_once")]
        indexes = [
            # A page of history reads messages only, and a log may hold thousands of joins in a row.
            models.Index("conversation_id", "seq", name="event_message", condition=models.Q(kind="message")),
            models.Index(
                "conversation_id", "thread", "seq", name="event_thread", condition=models.Q(thread__isnull=False)
            ),
            models.Index(
                "conversation_id", "target", "seq", name="event_target", condition=models.Q(target__isnull=False)
            ),
            # What was said for a time, to take it off a count: there is none in most conversations.
            models.Index("conversation_id", "seq", name="event_expiring", condition=models.Q(expires_at__isnull=False)),
            # By when something was said: a few bytes for each hundred pages, since rows come in the order of time.
            BrinIndex("at", autosummarize=True, name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq} {self.kind}"
