"""A device that hears by a stream or by polls, and speaks by requests: what it says of itself reaches where it hears.

What it has on its screen, and when somebody last did something there, concerns the stream or poll that is open, in this
process or another. Between two polls no process has anything of it: Redis keeps it for a while, with what the last poll
was told of people (`ways.told`). A device is somebody's: what it says reaches nothing of anybody else's.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

import msgspec
from redis import RedisError

from accounts.breaker import Breaker
from messaging import whereabouts
from messaging.peers import REQUEST, Peer
from messaging.protocol import commands, limits

if TYPE_CHECKING:
    from messaging.hub import Hub

logger = logging.getLogger(__name__)

PREFIX = "parley:devices"
#: A device that has not been heard of for so long begins anew. Polls follow each other within half a minute.
LIFE_S = 120
#: So long Redis is waited for; after it gave no answer nobody waits but one a second who tries.
TIMEOUT_S, REST_S = 2.0, 1.0
WATCH, INPUT, TOLD = "watch", "input", "told"
FIELDS = (WATCH, INPUT, TOLD)

_watch = msgspec.json.Decoder(commands.Watch)


class Kept(NamedTuple):
    """What Redis has of a device: its screen, when there was input there (Unix seconds), and what it was told."""

    watch: commands.Watch | None
    input_at: float | None
    told: str


class Devices:
    """What devices say of themselves, on its way to the streams and polls here and on the other processes."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._redis = whereabouts.connect()
        self._breaker = Breaker(REST_S)
        #: Those that have begun, and for which Redis is being asked.
        self._beginning: set[Peer] = set()

    async def close(self) -> None:
        """Let go of Redis."""
        await self._redis.aclose()

    # What a device says

    async def watch(self, person: int, device: UUID, frame: commands.Watch) -> None:
        """Take what a device has on its screen. Raises TimeoutError where Redis is away and it is not heard by here.

        It is kept before it is told: a poll that begins meanwhile finds it, or is told.
        """
        is_kept = True
        try:
            await self._write(person, device, {WATCH: msgspec.json.encode(frame)})
        except TimeoutError:
            is_kept = False
        if self._take(person, device, frame):
            return
        if not is_kept:
            raise TimeoutError("what a device has on its screen can't be handed on")
        self._hub.watching.tell_others("devices", [[str(device), person, msgspec.to_builtins(frame)]])

    async def active(self, person: int, device: UUID) -> None:
        """Take it that somebody is at a device. What is heard by here keeps that itself; else it needs Redis."""
        if self._take(person, device, None):
            return
        with contextlib.suppress(TimeoutError):
            await self._write(person, device, {INPUT: repr(time.time()).encode()})
            self._hub.watching.tell_others("devices", [[str(device), person, None]])

    def heard(self, news: Iterable[Sequence[Any]]) -> None:
        """Take what devices have said to other processes."""
        for device, person, watch in news:
            self._take(person, UUID(device), None if watch is None else msgspec.convert(watch, commands.Watch))

    def _take(self, person: int, device: UUID, watch: commands.Watch | None) -> bool:
        """Bring a device's word to that by which it hears; False where that is not here. None: somebody is at it."""
        here = self._hub.people.get(person)
        peers = [p for p in here.peers if p.device == device and p.outlet is not REQUEST] if here is not None else []
        for peer in peers:
            if watch is None:
                peer.input_at = time.monotonic()
                self._hub.watching.presence.touch(person)
            else:
                self._beginning.discard(peer)
                self._show(peer, watch)
        return bool(peers)

    def _show(self, peer: Peer, watch: commands.Watch) -> None:
        if peer.told is not None:
            peer.told.keep(watch.users, watch.conversations)
        self._hub.watching.watch(peer, watch)

    # Streams and polls

    async def begin(self, peer: Peer, *, is_new: bool) -> None:
        """Give a stream or a poll what its device has said before; `is_new`: it was told nothing yet.

        Without Redis it begins with nothing.
        """
        assert peer.device is not None
        begun_at = peer.input_at
        self._beginning.add(peer)
        try:
            with contextlib.suppress(TimeoutError):
                kept = await self._read(peer.identity.id, peer.device)
                if kept.input_at is not None and peer.input_at == begun_at:  # nor was there any meanwhile
                    peer.input_at = min(begun_at, time.monotonic() - max(0.0, time.time() - kept.input_at))
                if peer in self._beginning:  # no newer watch came meanwhile
                    if peer.told is not None and not is_new:
                        peer.told.recall(kept.told)
                    if kept.watch is not None:
                        self._show(peer, kept.watch)
        finally:
            self._beginning.discard(peer)
        peer.is_here = True
        self._hub.watching.presence.touch(peer.identity.id)

    async def end(self, peer: Peer, told: bytes) -> None:
        """Keep what a poll was told for the next one; lost, it is told again."""
        assert peer.device is not None
        idle_s = time.monotonic() - peer.input_at
        fields = {TOLD: told, INPUT: repr(time.time() - idle_s).encode()}
        with contextlib.suppress(TimeoutError):
            await self._write(peer.identity.id, peer.device, fields)

    # Redis

    @contextlib.asynccontextmanager
    async def _patience(self) -> AsyncIterator[None]:
        """Wait for Redis, and not for long. Raises TimeoutError where it is away, at once where that is known."""
        since = self._breaker.let_through()
        if since is None:
            raise TimeoutError("Redis was away a moment ago and is left alone")
        try:
            async with asyncio.timeout(TIMEOUT_S):
                yield
        except (RedisError, OSError, TimeoutError) as error:
            self._breaker.failed(since)
            logger.warning("what devices say of themselves is lost: %s", str(error).strip() or "no answer")
            raise TimeoutError("Redis is away") from error
        self._breaker.succeeded()

    async def _write(self, person: int, device: UUID, fields: dict[str, bytes]) -> None:
        """Write fields of a device. A person's are in one hash; where there are too many, others begin anew."""
        key = f"{PREFIX}:{person}"
        mapping = {f"{device}:{name}": value for name, value in fields.items()}
        async with self._patience(), self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(key, mapping=mapping)  # type: ignore[arg-type]
            pipe.hlen(key)
            pipe.expire(key, LIFE_S)
            _, count, _ = await pipe.execute()
            if count > limits.DEVICES_PER_PERSON * len(FIELDS):
                pipe.delete(key)
                pipe.hset(key, mapping=mapping)  # type: ignore[arg-type]
                pipe.expire(key, LIFE_S)
                await pipe.execute()

    async def _read(self, person: int, device: UUID) -> Kept:
        names = [f"{device}:{name}" for name in FIELDS]
        async with self._patience():
            watch, input_at, told = cast("list[str | None]", await self._redis.hmget(f"{PREFIX}:{person}", names))
        return Kept(
            None if watch is None else _watch.decode(watch),
            None if input_at is None else float(input_at),
            told or "",
        )
