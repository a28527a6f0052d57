"""Sign the trail, and send what was signed."""

import signal
import sys
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from audit import destinations
from audit.keyring import KeyFault
from audit.signer import Signer


class Command(BaseCommand):
    """Runs until it is told to stop; `manage.py up` starts it."""

    help = "Sign the end of the audit trail each minute, and send the checkpoints where PARLEY_CHECKPOINTS_TO says."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, or say in one sentence why it can't."""
        try:
            there = destinations.parse(settings.CHECKPOINTS_TO)
            signer = Signer(settings.TRAIL_KEY, there, settings.CHECKPOINT_EVERY_S)

            def stop(_number: int, _frame: FrameType | None) -> None:
                signer.stop()

            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
            signer.run()
        except (destinations.BadDestination, KeyFault) as error:
            self.stderr.write(str(error))
            sys.exit(1)
