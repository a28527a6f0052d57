"""Sending a mail to the mail server, or into the folder that stands in for one."""

import logging
from functools import cache
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage

log = logging.getLogger(__name__)


def send(to: str, subject: str, body: str, template: str) -> None:
    """Send a mail. Raises OSError where the server is away or busy; one that refuses for good is put into the log."""
    _make_folder()
    try:
        EmailMessage(subject, body, to=[to], headers={"Auto-Submitted": "auto-generated"}).send()
    except (SMTPRecipientsRefused, SMTPResponseException) as error:
        codes = _codes(error)
        if not all(500 <= code < 600 for code in codes):
            raise
        log.error("The mail server refused a mail (%s) for good: %s.", template, codes)


def _codes(error: SMTPRecipientsRefused | SMTPResponseException) -> list[int]:
    if isinstance(error, SMTPRecipientsRefused):
        return [code for code, _words in error.recipients.values()]
    return [error.smtp_code]


@cache
def _make_folder() -> None:
    """Make the folder for mails where no server is set, for nobody else to read, and say once where they are."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if folder is not None and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        log.warning("PARLEY_EMAIL_URL is not set: mails are put into %s and go to nobody.", folder)
