"""Mails on their way out, in the database until the mail server has them."""

import json
import uuid

from django.db import models
from django.db.models.functions import Now

from accounts import sealing


class OutgoingMail(models.Model):
    """A mail that waits to be sent, or the wish for one: sealed, and gone once it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: Of `templates/mail/`; or the name of a wish, of which the worker makes a mail.
    template = models.CharField(max_length=32)
    key_id = models.CharField(max_length=16)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())
    #: When the sweep takes it, unless it was sent before.
    due_at = models.DateTimeField()
    #: How often it was tried in vain.
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "outgoing_mail"
        indexes = [models.Index(fields=["due_at"], name="outgoing_mail_due")]

    def __str__(self) -> str:
        return f"{self.template} {self.pk}"

    @property
    def content(self) -> dict[str, str]:
        """Open what is sealed. Raises sealing.Unopenable."""
        opened = sealing.unseal(sealing.Sealed(self.key_id, bytes(self.sealed)), self._bound_to)
        return dict(json.loads(opened))

    def keep(self, content: dict[str, str]) -> None:
        """Seal into this row (not saved). Needs a transaction."""
        self.key_id, self.sealed = sealing.seal(json.dumps(content).encode(), self._bound_to)

    @property
    def _bound_to(self) -> str:
        return f"outgoing mail {self.pk} {self.template}"
