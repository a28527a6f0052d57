"""The signing process: it holds the key, signs where the trail moved, and sends what it signed off this host."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import Error, close_old_connections, connections

from audit import connection, deliveries, signing
from audit.destinations import Destination

logger = logging.getLogger(__name__)

#: How often a destination's thread looks whether something is due (seconds).
LOOK_S = 2.0


@dataclass
class Signer:
    """One run of it. Each destination has a thread: one that hangs holds up neither the others nor the signing."""

    key: Path
    destinations: Sequence[Destination]
    every_s: float
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Sign and send until `stop`; raises KeyFault. A database that is away is waited for."""
        threads = [
            threading.Thread(target=self._deliver, args=(each,), name=each.url, daemon=True)
            for each in self.destinations
        ]
        self._try(self._sign)
        for thread in threads:
            thread.start()
        while not self.stopped.wait(self.every_s):
            self._try(self._sign)

    def stop(self) -> None:
        """Ask it to end."""
        self.stopped.set()

    def _sign(self) -> None:
        signing.sign(self.key)

    def _deliver(self, destination: Destination) -> None:
        def once() -> None:
            deliveries.promise(destination)
            deliveries.deliver_due(destination)

        while not self.stopped.is_set():
            try:
                self._try(once)
            except Exception:  # whatever it is, the next checkpoint has its chance
                logger.exception("A checkpoint could not be sent to %s", destination.url)
            self.stopped.wait(min(LOOK_S, self.every_s))

    def _try(self, step: Callable[[], None]) -> None:
        try:
            close_old_connections()
            step()
        except Error as error:
            logger.warning("The database does not answer, and is asked again: %s", type(error).__name__)
            connections[connection.alias()].close()
