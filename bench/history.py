"""Reading a page of history over HTTP, at the size of the large corpus."""

import contextlib
import time
from collections.abc import Iterator
from statistics import median, quantiles

import msgspec

from bench import corpus
from bench.caller import Caller
from bench.pairs import Figure, Side, Sides, Wrong
from bench.parley import Parley, web
from bench.people import people
from messaging.conversations import add_member
from messaging.models import Event, Head
from messaging.rights import Standing

PAGE = 50


def _pace(reader: Caller, path: str, seconds: float) -> Figure:
    """Ask again and again, and give the median time that an answer took, in ms."""
    took, given, ends_at = list[float](), reader.ask(path), time.perf_counter() + seconds
    while (began := time.perf_counter()) < ends_at:
        reader.ask(path)
        took.append((time.perf_counter() - began) * 1e3)
    return Figure(median(took), {"p99_ms": quantiles(took, n=100)[98], "asked": len(took), "bytes": len(given)})


@contextlib.contextmanager
def _reading(parley: Parley) -> Iterator[tuple[Caller, str, str]]:
    """Take the corpus in, and give a reader of its largest channel with the paths of its latest and oldest page."""
    corpus.take_in(corpus.export())
    largest = Head.objects.order_by("-n")[0].conversation_id
    (person,) = people(1)
    add_member(largest, by=person.id, standing=Standing("member", "channel", False), member=person.id)
    said = Event.objects.filter(conversation_id=largest, kind="message").order_by("seq")
    latest = f"/conversations/{largest}/messages"
    with web(parley, "bench.yardsticks.settings") as (port, _process):
        yield Caller(port, person.token), latest, f"{latest}?before={said[PAGE].seq}"


def _page(reader: Caller, path: str) -> bytes:
    """Read a page, and make sure that it is a whole one."""
    given = reader.ask(path)
    if len(msgspec.json.decode(given)["messages"]) != PAGE:
        raise Wrong(f"{path} is not a page of {PAGE}")
    return given


def _side(reader: Caller, path: str) -> Side:
    return lambda seconds: _pace(reader, path, seconds)


@contextlib.contextmanager
def beside_the_same_bytes(parley: Parley) -> Iterator[Sides]:
    """Measure the latest page beside a view that has its bytes already."""
    with _reading(parley) as (reader, latest, _oldest):
        page = _page(reader, latest)
        reader.call("PUT", "/same-bytes", page)
        if reader.ask("/same-bytes") != page:
            raise Wrong("the yardstick's bytes are not the page's")
        yield Sides(_side(reader, "/same-bytes"), _side(reader, latest), corpus.notes())


@contextlib.contextmanager
def deep_beside_latest(parley: Parley) -> Iterator[Sides]:
    """Measure the oldest page beside the latest."""
    with _reading(parley) as (reader, latest, oldest):
        _page(reader, oldest)
        yield Sides(_side(reader, latest), _side(reader, oldest), corpus.notes())
