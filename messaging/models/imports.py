"""What an import brought, by the key it had where it came from."""

from django.db import models


class SlackKey(models.Model):
    """A person or conversation of a Slack workspace, and what it is here: importing twice makes nothing twice."""

    class Kind(models.TextChoices):
        PERSON = "person"
        CONVERSATION = "conversation"

    team = models.CharField(max_length=64)
    slack_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    object_id = models.BigIntegerField()

    class Meta:
        db_table = "slack_key"
        constraints = [models.UniqueConstraint("team", "slack_id", "kind", name="slack_key_once")]

    def __str__(self) -> str:
        return f"{self.team}/{self.slack_id}"
