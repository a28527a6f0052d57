"""Mails that wait: posted, swept, and sent at the same time as something else."""

import threading
from collections.abc import Callable

from django.db import connection
from django.utils import timezone

from accounts import tasks
from accounts.mail import outbox
from accounts.models import OutgoingMail, User
from tests.post import MailServer


def posted(user: User) -> OutgoingMail:
    """Have a mail wait for somebody."""
    outbox.post("reset", user.email, user=user, link=f"https://x/reset/{user.username}-token")
    return OutgoingMail.objects.latest("created_at")


def sweep() -> None:
    """Let it be the time at which what waits is due, and sweep."""
    OutgoingMail.objects.update(due_at=timezone.now())
    tasks.sweep_mails()


def is_sending(post: MailServer) -> bool:
    """Tell whether the mail server was asked to take a mail."""
    return any(command.startswith("rcpt") for command in post.commands)


def elsewhere(work: Callable[[], object]) -> threading.Thread:
    """Do something at the same time, over a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
