"""Who is in a conversation, what they may see of it, and how far they have read."""

from typing import Any

from django.db import models
from django.db.models.functions import Now


class SpansField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's `int8multirange`: the stretches of a log that somebody may see."""

    def db_type(self, connection: Any) -> str:
        """Name the type for the schema."""
        return "int8multirange"


class Membership(models.Model):
    """The fold of a person's joins and leaves, kept by the log's trigger. An open last span means: is a member now."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MODERATOR = "moderator"
        MEMBER = "member"

    pk = models.CompositePrimaryKey("conversation_id", "person_id")
    conversation_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    role = models.CharField(max_length=9, choices=Role.choices)
    spans = SpansField()
    read_seq = models.BigIntegerField(db_default=0)
    #: The log's `n` at `read_seq`.
    read_n = models.BigIntegerField(db_default=0)
    delivered_seq = models.BigIntegerField(db_default=0)
    muted_until = models.DateTimeField(null=True)
    #: How much of it notifies: all, mentions or none.
    level = models.CharField(max_length=8, db_default="all")

    class Meta:
        db_table = "membership"
        indexes = [models.Index("person_id", "conversation_id", name="membership_person")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}"


class Receipt(models.Model):
    """One coalesced advance of what a person has received and read."""

    id = models.BigAutoField(primary_key=True)
    conversation_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    read = models.BigIntegerField()
    delivered = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "receipt"
        indexes = [
            models.Index("conversation_id", "person_id", "delivered", name="receipt_delivered"),
            models.Index("conversation_id", "person_id", "read", name="receipt_read"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} read {self.read} of {self.conversation_id}"


class Mention(models.Model):
    """A message that wants somebody: a person, a user group, or, without either, everybody in the conversation."""

    id = models.BigAutoField(primary_key=True)
    conversation_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True)
    group_id = models.BigIntegerField(null=True)
    #: Of a group alone: in which thread it was said, and when; whoever was in the group then is meant.
    thread = models.BigIntegerField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "mention"
        indexes = [
            models.Index("conversation_id", "person_id", "seq", name="mention_person"),
            models.Index(
                "group_id",
                "conversation_id",
                "thread",
                name="mention_group",
                condition=models.Q(group_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq} wants {self.person_id or 'all'}"


class Ban(models.Model):
    """Somebody who may not come back to a conversation: the fold of its bans."""

    pk = models.CompositePrimaryKey("conversation_id", "person_id")
    conversation_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ban"

    def __str__(self) -> str:
        return f"{self.person_id} banned from {self.conversation_id}"


class Pace(models.Model):
    """When a member last said something where slow mode is on. The log writes it, under the conversation's lock."""

    pk = models.CompositePrimaryKey("conversation_id", "person_id")
    conversation_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    said_at = models.DateTimeField()

    class Meta:
        db_table = "pace"

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id} at {self.said_at}"
