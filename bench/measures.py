"""All measures: what is measured, beside what, and what must come out."""

from collections.abc import Mapping
from typing import NamedTuple

from bench.pairs import Bound


class Measure(NamedTuple):
    """One row of the table. `sides` names the function that makes its two sides, `module:function`."""

    name: str
    what: str
    beside: str
    unit: str
    bound: Bound
    sides: str
    #: Fewer pairs than asked for, where one takes long.
    most_pairs: int | None = None
    notes: tuple[str, ...] = ()
    #: Details, `words_unit`, that are held to bounds as well.
    also: Mapping[str, Bound] = {}


_ONE_TRANSACTION = "one transaction a message, in process, 200 at once"

_SAME_IN_ANY_ROOM = Bound(1.25, is_most=True)

MEASURES = {
    measure.name: measure
    for measure in (
        Measure(
            "fanout",
            "fan-out: 1 sender, 1,000 sockets of one channel, 300-byte messages, persisted",
            "bare picows echoing as many bytes",
            "deliveries/s",
            Bound(0.78),
            "bench.fanout:beside_picows",
        ),
        Measure(
            "fanout-two",
            "fan-out, the same through two processes over Redis: CPU of all server's processes a delivery",
            "one process",
            "µs",
            Bound(1.2, is_most=True),
            "bench.fanout:two_beside_one",
        ),
        Measure(
            "fanout-tutorial",
            "fan-out, the same",
            "the Channels tutorial's consumer, channels_redis.core, uvicorn",
            "deliveries/s",
            Bound(20),
            "bench.fanout:beside_the_tutorial",
            notes=("The tutorial persists nothing; its layer's capacity is raised so that it drops nothing.",),
        ),
        Measure(
            "sends",
            "acknowledged durable sends: 1,000 senders in 1,000 conversations, through sockets, one process",
            _ONE_TRANSACTION,
            "sends/s",
            Bound(2.5),
            "bench.sends:beside_one_transaction",
        ),
        Measure(
            "sends-two",
            "the same through two processes",
            _ONE_TRANSACTION,
            "sends/s",
            Bound(3.5),
            "bench.sends:two_beside_one_transaction",
            notes=("The second process shares the client's core, as the yardstick's Python does.",),
        ),
        Measure(
            "acks",
            "acknowledgement of a message through a socket, 500 said a second by 100 people, p50",
            "an insert of one row, committed, 500 a second",
            "ms",
            Bound(3, is_most=True),
            "bench.acks:beside_bare_inserts",
            also={"p99_ms": Bound(3, is_most=True)},
        ),
        Measure(
            "deliveries",
            "delivery of a message to each of 200 sockets, 20 said a second, persisted, p50",
            "bare picows echoing as many bytes",
            "ms",
            Bound(2.5, is_most=True),
            "bench.deliveries:beside_picows",
            also={"p99_ms": Bound(1.5, is_most=True)},
        ),
        Measure(
            "append",
            "append in process, 200 at once in 200 conversations",
            _ONE_TRANSACTION,
            "messages/s",
            Bound(5),
            "bench.append:beside_one_transaction",
        ),
        Measure(
            "import",
            "import_slack of the large corpus into a fresh database, start of the command to its end",
            "append, 200 at once in one conversation",
            "messages/s",
            Bound(0.5),
            "bench.importer:beside_append",
            most_pairs=3,
            notes=("Three pairs: one import takes far longer than 5 s.",),
        ),
        Measure(
            "memory",
            "memory of an idle signed-in socket with 20 conversations, 5,000 of them",
            "bare uvicorn websockets-sansio socket",
            "KiB",
            Bound(32, is_most=True, is_absolute=True),
            "bench.memory:beside_a_bare_socket",
            most_pairs=3,
            notes=("Three pairs: memory hardly varies.",),
        ),
        Measure(
            "idle",
            "CPU of the process that holds 5,000 idle sockets with 20 conversations, each pinging every 25 s",
            "bare uvicorn websockets-sansio sockets",
            "% of a core",
            Bound(3, is_most=True, is_absolute=True),
            "bench.idle:beside_bare_sockets",
            most_pairs=2,
            notes=("`all_percent` is with PostgreSQL, Valkey, Celery and another idle web process.",),
        ),
        Measure(
            "restart",
            "one process of two restarts, 5,000 people come back to it, each 20 events behind in one of 20 "
            "conversations: until the last has caught up",
            "as many who are not behind",
            "s",
            Bound(15, is_most=True, is_absolute=True),
            "bench.restart:behind_beside_abreast",
            most_pairs=2,
        ),
        Measure(
            "restart-acks",
            "acknowledgements at the other process meanwhile, 100 said a second, p99",
            "before",
            "ms",
            Bound(5, is_most=True),
            "bench.restart:acks_beside_before",
            most_pairs=2,
        ),
        Measure(
            "history",
            "history: the latest 50 messages over HTTP, with the large corpus in the database, p50",
            "the same bytes from memory, same server, authentication, middleware and renderer",
            "ms",
            Bound(2.5, is_most=True),
            "bench.history:beside_the_same_bytes",
        ),
        Measure(
            "history-deep",
            "history: the oldest 50 messages of the largest channel, p50",
            "the latest 50",
            "ms",
            Bound(1.2, is_most=True),
            "bench.history:deep_beside_latest",
        ),
        Measure(
            "trail",
            "a deed of 23,034 entries on the trail: insert, chain, commit",
            "the same rows in a table with the same columns and indexes that chains nothing",
            "ms",
            Bound(3, is_most=True),
            "bench.trail:beside_a_plain_table",
            notes=("`commit_ms` is what COMMIT alone took.",),
        ),
        Measure(
            "deflate",
            "permessage-deflate of what is above 1 kB: CPU of a process a delivery, 2,000 characters to 500 sockets",
            "the same with the extension off",
            "µs",
            Bound(1.1, is_most=True),
            "bench.deflate:on_beside_off",
            most_pairs=3,
            also={"size_bytes": Bound(0.6, is_most=True)},
        ),
        Measure(
            "rooms",
            "a channel of 200,000 members: a message through a socket, p50",
            "the same in a channel of 200",
            "ms",
            _SAME_IN_ANY_ROOM,
            "bench.rooms:large_beside_small",
            most_pairs=3,
            also={f"{what}_ms": _SAME_IN_ANY_ROOM for what in ("channel", "join", "leave", "members", "read")},
            notes=(
                "`read` writes the reading of 100 people, as the hub does each second. "
                "`receipts`, a count of who has read a message, looks through the members.",
            ),
        ),
    )
}
