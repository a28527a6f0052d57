"""Settings that change without a restart."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class Setting(models.Model):
    """The value of a setting that differs from what ships (`accounts.workspace` has the list)."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "setting"

    def __str__(self) -> str:
        return self.name
