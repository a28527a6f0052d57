"""Sending a mail to the mail server, or into the folder that stands in for one."""

import logging
import time
from datetime import timedelta
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from smtplib import SMTPDataError, SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

log = logging.getLogger(__name__)

#: For so long mails that are files are kept.
FILES_KEPT = timedelta(days=30)


class Deferred(Exception):
    """The mail server is there, and does not take this mail now."""


def send(to: str, subject: str, body: str, template: str, id: UUID) -> None:
    """Send a mail; one that is refused for good is put into the log. Sent twice it has the same Message-ID, by `id`.

    Raises Deferred where the server wants it later, and OSError where it is away, or refuses us rather than the mail:
    a wrong password or sender is the operator's to mend, and no mail is lost by it.
    """
    _make_folder()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<{id}@{domain}>"}
    try:
        EmailMessage(subject, body, to=[to], headers=headers).send()
    except (SMTPRecipientsRefused, SMTPDataError) as error:
        codes = _codes(error)
        if not all(500 <= code < 600 for code in codes):
            raise Deferred(codes) from None  # the words of the server may name the address
        log.error("The mail server refused a mail (%s) for good: %s.", template, codes)


def forget_old_files() -> None:
    """Delete mails that are files and a month old."""
    oldest = time.time() - FILES_KEPT.total_seconds()
    folder: Path = settings.MAIL_FOLDER
    for file in folder.glob("*.log"):  # as Django's backend calls them
        if file.is_file() and not file.is_symlink() and file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def _codes(error: SMTPRecipientsRefused | SMTPDataError) -> list[int]:
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
