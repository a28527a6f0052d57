"""Sessions as people know them: a device on which somebody is signed in."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.person import User


class DeviceSession(models.Model):
    """A session and the device that it is on. Ended ones stay for a while: they are the history of sign-ins."""

    #: SHA-256 of the session's key: what revocations and the trail name it by.
    subject = models.CharField(max_length=64, primary_key=True)
    #: The row of `django_session`; null once ended.
    session_key = models.CharField(max_length=40, null=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="device_sessions")
    #: When the person signed in: from then on counts the longest that a session lasts.
    created_at = models.DateTimeField(db_default=Now())
    #: When the key was last changed.
    keyed_at = models.DateTimeField(db_default=Now())
    #: Written at most once a minute.
    last_used_at = models.DateTimeField(db_default=Now())
    address = models.CharField(max_length=45, default="")
    place = models.CharField(max_length=128, default="")
    #: What the browser says it is.
    device = models.CharField(max_length=256, default="")
    #: By which door the person came in: `password`, `passkey`, …
    by = models.CharField(max_length=16, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "device_session"
        indexes = [
            models.Index(fields=["user", "-last_used_at"], name="device_session_of_user"),
            models.Index(fields=["last_used_at"], name="device_session_last_used_at"),
        ]

    def __str__(self) -> str:
        return f"session {self.subject[:16]} of {self.user}"
