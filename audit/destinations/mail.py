"""Mail to an officer, who keeps it where this host's owner has no hand."""

import smtplib
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

from audit.checkpoint import Checkpoint
from audit.destinations.destination import TIMEOUT_S, BadDestination, Destination, Undelivered

#: A mail a day: an officer who gets one a minute reads none.
EVERY_S = 24 * 3600

_TEXT = """\
This is where the audit trail of {workspace} ended on {at}: link {seq}, entry {entries}.
Keep this mail. To check the trail against it, save the line below as a file and run manage.py verify FILE.

{line}

It is signed with the key {fingerprint}.
"""


@dataclass(frozen=True)
class MailDestination(Destination):
    """`mailto:officer@example.org`, by Django's mail settings."""

    address: str = ""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read the address."""
        address = unquote(urlsplit(url).path)
        try:
            validate_email(address)
        except ValidationError as error:
            raise BadDestination(url, "must be mailto:NAME@HOST") from error
        return cls(url, every_s=EVERY_S, address=address)

    def deliver(self, checkpoint: Checkpoint) -> None:
        """Send one mail."""
        message = EmailMessage(
            subject=f"{settings.WORKSPACE_NAME}: checkpoint of the audit trail, link {checkpoint.seq}",
            body=_TEXT.format(
                workspace=settings.WORKSPACE_NAME,
                at=checkpoint.at,
                seq=checkpoint.seq,
                entries=checkpoint.entries,
                line=checkpoint.line(),
                fingerprint=checkpoint.fingerprint,
            ),
            to=[self.address],
            connection=get_connection(timeout=TIMEOUT_S),
        )
        try:
            message.send()
        except smtplib.SMTPException as error:
            raise Undelivered(f"the mail server refused it: {type(error).__name__}") from error
