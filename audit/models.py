"""The trail's table."""

from django.db import models


class Entry(models.Model):
    """One deed: who did what to what, when and from where. The application's role may add and read, no more."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=models.functions.Now())
    #: The person's id; null where nobody of this workspace acted (the operating system's user is in `origin`).
    actor_id = models.BigIntegerField(null=True)
    verb = models.TextField()
    target = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    origin = models.JSONField()

    class Meta:
        db_table = "audit_entry"
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.target}"
