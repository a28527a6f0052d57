"""Two web processes whose Redis may be taken away."""

from pathlib import Path

import redis

from tests.messaging.hub.queue import Queue
from tests.parts import wait_until
from tests.serving import Server

#: Heads are compared within 4 s, in place of 10: what Redis did not bring is found sooner, and still not quickly. Who
#: has gone is offline after 2 s, in place of 10.
HURRIED = {"messaging.upkeep.PARTS": 8, "messaging.presence.GRACE_S": 2.0}


class Frail:
    """A pair of web processes and their Valkey."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self.queue = Queue(folder / "queue")
        self.server = Server(logs, 2, HURRIED, REDIS_URL=self.queue.url)

    def start(self) -> "Frail":
        """Start the Valkey, then the processes."""
        self.queue.start()
        self.server.start()
        return self

    def mend(self) -> None:
        """Have the Valkey there again, and both processes listening to it."""
        if self.queue.process.poll() is None:
            self.queue.resume()
        else:
            self.queue.start()
        wait_until(self._are_both_listening, "both processes listening to Redis again")

    def stop(self) -> None:
        """End all of it."""
        self.server.stop()
        self.queue.stop()

    def _are_both_listening(self) -> bool:
        with redis.Redis.from_url(self.queue.url) as client:
            channels = client.pubsub_channels()
            return any(listeners >= 2 for _, listeners in client.pubsub_numsub(*channels))
