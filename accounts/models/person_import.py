"""Files of people that were handed in."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class PersonImport(models.Model):
    """A file of people: looked at first, then imported whole or not at all."""

    class State(models.TextChoices):
        CHECKED = "checked"
        WAITING = "waiting"
        CREATING = "creating"
        JOINING = "joining"
        DONE = "done"
        FAILED = "failed"

    #: What a worker takes up, also after another one was broken off.
    UNDER_WAY = (State.WAITING, State.CREATING, State.JOINING)

    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="imports")
    uploaded_at = models.DateTimeField(db_default=Now())
    filename = models.CharField(max_length=128)
    #: The file as it came; emptied when it is imported, or a day later.
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    is_inviting = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CHECKED)
    rows = models.IntegerField()
    #: How many things are wrong, and the first of them: [line, field, wrong, right].
    fault_count = models.IntegerField()
    faults = models.JSONField()
    #: How many people are in, and how many of the memberships.
    created = models.IntegerField(default=0)
    joined = models.IntegerField(default=0)
    detail = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "person_import"

    def __str__(self) -> str:
        return self.filename
