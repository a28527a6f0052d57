"""A conversation, and how far its log reaches."""

from django.db import models
from django.db.models.functions import Now


class Conversation(models.Model):
    """A channel, a group, a direct conversation, or a person's own log. Its name and topic are folded from the log."""

    class Kind(models.TextChoices):
        CHANNEL = "channel"
        GROUP = "group"
        DIRECT = "direct"
        PERSONAL = "personal"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=128, blank=True)
    topic = models.TextField(blank=True)
    purpose = models.TextField(blank=True)
    is_private = models.BooleanField(default=True)
    #: The two people of a direct conversation, "3:17", lower id first: there is one for each pair.
    #: Of a person's own log "personal:3".
    direct_key = models.CharField(max_length=41, null=True, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    archived_at = models.DateTimeField(null=True)
    #: Null while an import fills it: nobody sees it before it is whole.
    shown_at = models.DateTimeField(null=True)
    #: Only moderators and owners write: announcements.
    is_read_only = models.BooleanField(db_default=False)
    #: A member says something at most once in so many seconds; 0: as often as one likes.
    slow_s = models.IntegerField(db_default=0)
    #: What is said is shown for so many seconds; 0: for good.
    disappears_s = models.IntegerField(db_default=0)
    #: When the first such time was set; null where nothing was ever said for a time.
    disappearing_since = models.DateTimeField(null=True)
    #: What who joins may read: `start`, `joining`, or the last so many days; null: as is usual for its kind.
    history = models.CharField(max_length=8, null=True)
    #: For so many seconds members may edit and delete what they said, within what the workspace lets; null: no less.
    edits_s = models.IntegerField(null=True)
    #: Members too may mention everybody and user groups, however large it is.
    broad_mentions = models.BooleanField(db_default=False)

    class Meta:
        db_table = "conversation"

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.name}"


class Head(models.Model):
    """Where a conversation's log ends: the row that a writer locks. Apart from the conversation, to stay small."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, primary_key=True)
    seq = models.BigIntegerField(db_default=0)
    #: How many messages the log holds.
    n = models.BigIntegerField(db_default=0)
    #: The time of the last event; none is earlier.
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "head"

    def __str__(self) -> str:
        return f"{self.conversation_id} at {self.seq}"
