"""One web process: pages, the API and the sockets, on a port that it shares with its siblings.

`python -m chatproject.up.uvicorn --port 8000`
"""

import argparse
import gc
import socket
from collections.abc import Sequence
from pathlib import Path

import uvicorn

#: The longest frame that a client may send (bytes).
LARGEST_FRAME = 1024 * 1024
#: How long open requests may take when the process ends (seconds).
GRACE_S = 5
#: Python looks for cycles after so many new containers; at its own 700 a batch of the log sets it off several times.
GARBAGE = (50_000, 20, 100)


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
        ws_per_message_deflate=False,  # a frame is built once for everybody
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=behind_tls_proxy,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


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
    server = uvicorn.Server(configuration(options.certificate, options.key, options.behind_tls_proxy))
    server.run(sockets=[shared_socket(options.host, options.port)])


if __name__ == "__main__":
    main()
