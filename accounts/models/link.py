"""Two accounts of one person."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class PersonLink(models.Model):
    """Says that two accounts are one person's. It is shown and nothing more: rights and memberships stay apart."""

    one = models.ForeignKey(User, models.PROTECT, related_name="links_as_one")
    other = models.ForeignKey(User, models.PROTECT, related_name="links_as_other")
    reason = models.CharField(max_length=500)
    linked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    linked_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "person_link"
        constraints = [
            models.UniqueConstraint("one", "other", name="person_link_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="person_link_in_id_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}"
