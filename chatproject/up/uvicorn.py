"""One web process: pages, the API and the sockets, on a port that it shares with its siblings.

`python -m chatproject.up.uvicorn --port 8000`
"""

import argparse
import asyncio
import gc
import logging
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chatproject.up import pulse

logger = logging.getLogger(__name__)

#: The longest frame that a client may send (bytes).
LARGEST_FRAME = 1024 * 1024
#: When a process that ends is done with what it has open, and how long of that requests have at least (seconds).
GRACE_S = 5.0
LEAST_S = 0.5
#: Python looks for cycles after so many new containers; at its own 700 a batch of the log sets it off several times.
GARBAGE = (50_000, 20, 100)
#: uvicorn's main loop turns ten times a second.
TURNS_A_BEAT = 10


def shared_socket(host: str, port: int) -> socket.socket:
    """Bind an address that other processes of ours may bind too: the kernel spreads connections over them.

    Raises OSError where the address can't be had.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
    bound.bind(address)
    return bound


def configuration(certificate: Path | None, key: Path | None, behind_tls_proxy: bool) -> uvicorn.Config:
    """Say how this project is served."""
    return uvicorn.Config(
        "chatproject.asgi:application",
        loop="uvloop",
        http="messaging.frames:CutProtocol",
        ws="messaging.frames:FrameProtocol",
        ws_max_size=LARGEST_FRAME,
        ws_ping_interval=None,  # the protocol has its own pings
        ws_per_message_deflate=os.environ.get("PARLEY_DEFLATE") != "off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=behind_tls_proxy,
        timeout_graceful_shutdown=int(GRACE_S),
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


class Server(uvicorn.Server):
    """uvicorn's server, which shows that its loop turns, and lets its clients go in waves before it ends."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Leave what was loaded out of every later search for cycles: it stays, and searching it holds up the loop."""
        gc.collect()
        gc.freeze()
        await super().startup(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Give a sign of life once a second."""
        if counter % TURNS_A_BEAT == 0:
            pulse.beat()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection, drain those that there are, and close the rest."""
        from messaging import draining, hub  # late: Django is not set up before the application is loaded

        ends_at = time.monotonic() + GRACE_S
        draining.begin()
        for listening in self.servers:
            listening.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, HttpToolsProtocol):
                connection.shutdown()  # idle: closed now; busy: after this answer
        here = hub.running()
        if here is not None:
            try:
                async with asyncio.timeout(GRACE_S - LEAST_S):
                    await draining.drain(here)
            except Exception:
                logger.exception("not everybody could be let go in order")
        self.config.timeout_graceful_shutdown = max(LEAST_S, ends_at - time.monotonic())  # type: ignore[assignment]
        await super().shutdown(sockets)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description="One web process of Parley.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--behind-tls-proxy", action="store_true")
    options = parser.parse_args(arguments)
    gc.set_threshold(*GARBAGE)
    server = Server(configuration(options.certificate, options.key, options.behind_tls_proxy))
    server.run(sockets=[shared_socket(options.host, options.port)])


if __name__ == "__main__":
    main()
