"""User groups, such as @oncall: people who are mentioned together."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class UserGroup(models.Model):
    """A group of the workspace, known by its handle. One that is closed keeps its row: what named it still shows it."""

    handle = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    description = models.CharField(max_length=250, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "user_group"
        constraints = [models.UniqueConstraint("handle", condition=Q(closed_at=None), name="user_group_handle")]

    def __str__(self) -> str:
        return f"@{self.handle}"


class UserGroupMember(models.Model):
    """A stretch of time in which somebody is in a group: a mention counts for who was in it when it was said."""

    group = models.ForeignKey(UserGroup, models.CASCADE)
    person_id = models.BigIntegerField()
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "user_group_member"
        constraints = [
            models.UniqueConstraint("group", "person_id", condition=Q(until=None), name="user_group_member_once")
        ]
        indexes = [models.Index("person_id", "group", name="user_group_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.group_id}"
