"""The programs of ours that `up` runs beside the embedded parts."""

import sys

from chatproject.places import ROOT
from chatproject.up.folders import Folders
from chatproject.up.preflight import Address
from chatproject.up.program import Program

#: Whoever runs Parley as root, in a container perhaps, need not hear of it from the worker at every start.
_ABOUT_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}


def environment(folders: Folders, address: Address) -> dict[str, str]:
    """Say what every child has to know of how Parley was started."""
    known = {"PARLEY_DATA": str(folders.data.resolve()), "DJANGO_SETTINGS_MODULE": "chatproject.settings"}
    known["PROMETHEUS_MULTIPROC_DIR"] = str(folders.metrics.resolve())
    if address.certificate or address.behind_tls_proxy:
        known["PARLEY_TLS"] = "1"
    if address.behind_tls_proxy:
        known["PARLEY_BEHIND_TLS_PROXY"] = "1"
    return known


def command(known: dict[str, str], *arguments: str) -> Program:
    """Describe one management command."""
    return Program(arguments[0], [sys.executable, "manage.py", *arguments], cwd=ROOT, environment=known)


def uvicorn(known: dict[str, str], number: int, address: Address) -> Program:
    """Describe one of the web processes that share the address."""
    options = ["--host", address.host, "--port", str(address.port)]
    if address.certificate and address.key:
        options += ["--certificate", str(address.certificate.resolve()), "--key", str(address.key.resolve())]
    if address.behind_tls_proxy:
        options.append("--behind-tls-proxy")
    argv = [sys.executable, "-m", "chatproject.up.uvicorn", *options]
    return Program(f"uvicorn {number}", argv, cwd=ROOT, environment=known, is_serving=True, has_pulse=True)


def worker(known: dict[str, str]) -> Program:
    """Describe the Celery worker."""
    options = ["--loglevel=WARNING", "--concurrency=2", "--without-gossip", "--without-mingle"]
    argv = [sys.executable, "-m", "celery", "--quiet", "--app=chatproject", "worker", *options]
    return Program("celery worker", argv, cwd=ROOT, environment=known | _ABOUT_ROOT)


def beat(known: dict[str, str], folders: Folders) -> Program:
    """Describe Celery's clock; it keeps no pid file, which a crash would leave behind."""
    options = ["--loglevel=WARNING", f"--schedule={folders.data / 'beat'}", "--pidfile="]
    argv = [sys.executable, "-m", "celery", "--quiet", "--app=chatproject", "beat", *options]
    return Program("celery beat", argv, cwd=ROOT, environment=known)
