"""What `up` says, and that it starts nothing, where it can't run."""

import fcntl
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chatproject.places import ROOT
from chatproject.up.preflight import Address, check_address
from chatproject.up.refusal import Refusal
from tests.serving import free_port
from tests.up.running import environment


def refusal(data: Path, *options: str, **more: str) -> str:
    """Run `up` where it must refuse, and give its sentence."""
    argv = [sys.executable, "manage.py", "up", *(options or ("--port", str(free_port())))]
    ended = subprocess.run(
        argv, cwd=ROOT, env=environment(data, **more), capture_output=True, text=True, timeout=90, check=False
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ended.stdout == ""
    assert not (data / "postgres").exists()
    return ended.stderr


def test_a_taken_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(tmp_path, "--port", str(port))
    assert said == f"Port {port} on 127.0.0.1 is taken: stop what listens there, or choose --port.\n"


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "var"
    assert refusal(folder) == f"The data folder {folder} can't be written: Not a directory.\n"


def test_a_data_folder_in_use(tmp_path):
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = refusal(tmp_path)
    assert said == f"The data folder {tmp_path} is in use by another Parley: stop that one first.\n"


def test_too_little_disk(tmp_path):
    said = refusal(tmp_path, PARLEY_MIN_FREE_MB="999999999")
    assert said.endswith(f"MB are free in {tmp_path}, and Parley wants 999999999 MB: make room there.\n")


def test_a_bad_destination_for_checkpoints(tmp_path):
    said = refusal(tmp_path, PARLEY_CHECKPOINTS_TO="http://example.org/")
    assert said == ("PARLEY_CHECKPOINTS_TO: 'http://example.org/' sends checkpoints in the clear: use https.\n")


def test_an_open_address_without_tls(tmp_path):
    assert refusal(tmp_path, "--host", "0.0.0.0", "--port", str(free_port())) == (
        "0.0.0.0 can be reached from other machines: give --certificate and --key, "
        "or --behind-tls-proxy if a proxy in front of Parley speaks TLS.\n"
    )


def test_a_foreign_database_without_its_owner(tmp_path):
    assert refusal(tmp_path, DATABASE_URL="postgresql://parley_app@db/parley") == (
        "DATABASE_URL is set without DATABASE_OWNER_URL, the role that owns the schema: set both.\n"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_needs_no_certificate(host):
    check_address(Address(host, 8000))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "chat.example.com"])
def test_any_other_address_does(host, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    with pytest.raises(Refusal):
        check_address(Address(host, 8000))
    with pytest.raises(Refusal, match="go together"):
        check_address(Address(host, 8000, certificate=certificate))
    with pytest.raises(Refusal, match="can't be read"):
        check_address(Address(host, 8000, certificate=certificate, key=key))
    certificate.touch()
    key.touch()
    check_address(Address(host, 8000, certificate=certificate, key=key))
    check_address(Address(host, 8000, behind_tls_proxy=True))
