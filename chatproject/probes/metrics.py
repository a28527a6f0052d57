"""`/metrics`: the sums over all processes, and what waits, in Prometheus' text format; not for the public."""

import asyncio
import hmac
import ipaddress
import os
from collections.abc import Iterable
from pathlib import Path

import psutil
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from accounts.access import tokens
from chatproject.probes import waiting
from messaging import gauges, hub
from messaging.ways.request import Scope, Send, Turned, answer, header

#: Where the processes keep their measures; a process without it knows its own alone.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: A request with one of these came through a proxy: it may be anybody's.
_PROXIED = {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}


class _Ready(Collector):
    """What was asked for already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def serve(scope: Scope, send: Send) -> None:
    """Show the measures. Raises Turned for whoever may not see them."""
    check(scope)
    here = hub.running()
    if here is not None:
        gauges.show(here)
    text = await asyncio.to_thread(_text, await waiting.metrics())
    await answer(send, text, kind=CONTENT_TYPE_LATEST.encode())


def check(scope: Scope) -> None:
    """Let in who has the operator's token; where there is none, who asks from this machine itself. Raises Turned."""
    if settings.METRICS_TOKEN:
        given = tokens.bearer(header(scope, b"authorization")) or ""
        if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
            raise Turned(401, "unauthorized", "The measures are for who has PARLEY_METRICS_TOKEN, as a bearer token.")
        return
    host, _port = split_domain_port(header(scope, b"host"))
    is_proxied = any(name in _PROXIED for name, _ in scope["headers"])
    if is_proxied or not _is_loopback(scope) or not validate_host(host, ["localhost", "127.0.0.1", "[::1]"]):
        raise Turned(403, "forbidden", "The measures are for this machine alone, unless PARLEY_METRICS_TOKEN is set.")


def _is_loopback(scope: Scope) -> bool:
    try:
        return ipaddress.ip_address(scope["client"][0]).is_loopback
    except (TypeError, ValueError):
        return False  # a proxy has named somebody, or nobody


def _text(asked: list[Metric]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Ready(asked))
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest(REGISTRY) + generate_latest(registry)
    forget_dead(Path(folder))
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget_dead(folder: Path) -> None:
    """Take away what processes that are gone had showed of their present; what they have counted stays in the sums."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}:
        if not psutil.pid_exists(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
