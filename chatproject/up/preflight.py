"""What must hold before anything is started. Each check raises Refusal with the sentence for the terminal."""

import contextlib
import errno
import fcntl
import ipaddress
import os
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from audit import destinations
from chatproject.up.folders import Folders
from chatproject.up.refusal import Refusal


@dataclass(frozen=True)
class Address:
    """Where Parley is to be reached."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    behind_tls_proxy: bool = False

    @property
    def url(self) -> str:
        """The address for a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}/"


def check_address(address: Address) -> None:
    """Refuse what would send passwords over the network in the clear."""
    if bool(address.certificate) != bool(address.key):
        raise Refusal("--certificate and --key go together: name both files.")
    for file in filter(None, (address.certificate, address.key)):
        if not os.access(file, os.R_OK):
            raise Refusal(f"{file} can't be read.")
    if not (_is_loopback(address.host) or address.certificate or address.behind_tls_proxy):
        raise Refusal(
            f"{address.host} can be reached from other machines: give --certificate and --key, "
            "or --behind-tls-proxy if a proxy in front of Parley speaks TLS."
        )


def check_database_variables() -> None:
    """Refuse a foreign database of which only the application's role is known."""
    if os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_OWNER_URL"):
        raise Refusal("DATABASE_URL is set without DATABASE_OWNER_URL, the role that owns the schema: set both.")
    if os.environ.get("DATABASE_OWNER_URL") and not os.environ.get("DATABASE_URL"):
        raise Refusal("DATABASE_OWNER_URL is set without DATABASE_URL, the application's role: set both.")


def check_destinations() -> None:
    """Refuse addresses that checkpoints of the trail can't be sent to."""
    try:
        destinations.parse(settings.CHECKPOINTS_TO)
    except destinations.BadDestination as error:
        raise Refusal(str(error)) from error


def check_folder(folder: Path) -> None:
    """Refuse a data folder that can't be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Refusal(f"The data folder {folder} can't be written: {error.strerror}.") from error


def check_disk(folder: Path) -> None:
    """Refuse a disk that is nearly full (`PARLEY_MIN_FREE_MB`, 500 by default)."""
    least = int(os.environ.get("PARLEY_MIN_FREE_MB") or 500)
    free = shutil.disk_usage(folder).free // 1024**2
    if free < least:
        raise Refusal(f"Only {free} MB are free in {folder}, and Parley wants {least} MB: make room there.")


def lock(folders: Folders) -> int:
    """Take the data folder for this process and give the lock's descriptor, which ends with the process.

    The kernel lets go of it however the process ends, so a crash leaves nothing to clean up.
    """
    descriptor = os.open(folders.data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Refusal(f"The data folder {folders.data} is in use by another Parley: stop that one first.") from error
    return descriptor


def check_port(address: Address, patience: float = 0.0) -> None:
    """Refuse a port that somebody else listens on, after `patience` seconds for one that is about to be let go."""
    deadline = time.monotonic() + patience
    while (fault := _bind_fault(address)) == errno.EADDRINUSE and time.monotonic() < deadline:
        time.sleep(0.1)
    if fault == errno.EADDRINUSE:
        raise Refusal(f"Port {address.port} on {address.host} is taken: stop what listens there, or choose --port.")
    if fault:
        raise Refusal(f"Port {address.port} on {address.host} can't be opened: {os.strerror(fault)}.")


def _bind_fault(address: Address) -> int:
    """Try the address as a stranger would, not sharing it; 0 where it can be had."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, OverflowError) as error:
        raise Refusal(f"{address.host}:{address.port} is no address of this machine: {error}.") from error
    with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where)
            probe.listen()
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
