"""What is a person's own (drafts, saved, follows, levels, preferences …): the log of a conversation of kind `personal`.

It is made when first wanted. The log's trigger folds it into `personal_state`, where the last word for a key counts.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import msgspec

from messaging import database
from messaging.commands import Command, Verdict
from messaging.database import Rows
from messaging.entry import instant
from messaging.inbound import check_also
from messaging.protocol import commands
from messaging.protocol.bodies import Kept
from messaging.protocol.codec import Refused, check_body, check_text

if TYPE_CHECKING:
    from messaging.hub import Hub

#: The kinds of what there is to keep.
KINDS = ("draft", "save", "follow", "seen", "level", "prefer", "block", "status", "schedule")

#: What is kept beside the words, as it goes into the event.
_BESIDE = {"id", "body"}
#: Whoever joins one's own log joins once, whichever process opens it first.
_JOIN = UUID("0197f3c4-6f1e-7cc3-9d0a-8a4c1f7e2b55")

#: The own log of somebody (`named`), and whether the person is in it; and what makes it where there is none.
FIND = """
select c.id, exists (select 1 from membership m where m.conversation_id = c.id and m.person_id = %(person)s)
from conversation c where c.direct_key = %(key)s
"""
MAKE = """
with made as (
    insert into conversation (kind, name, topic, purpose, is_private, direct_key, shown_at)
    values ('personal', '', '', '', true, %(key)s, now()) on conflict (direct_key) do nothing returning id
)
insert into head (conversation_id) select id from made returning conversation_id
"""
_PAGE = """
select s.kind, s.key, s.seq, s.value from personal_state s
where s.person_id = %(person)s and (s.kind, s.key) > (%(kind_after)s, %(key_after)s)
    and (%(kind)s::text is null or s.kind = %(kind)s::text)
order by s.kind, s.key limit %(limit)s
"""
_HEAD = """
select h.seq from head h join conversation c on c.id = h.conversation_id where c.direct_key = %(key)s
"""

Then = Callable[[int | None], None]


def named(person: int) -> dict[str, Any]:
    """Give the parameters of FIND and MAKE."""
    return {"person": person, "key": f"personal:{person}"}


def find(rows: Rows, person: int) -> int | None:
    """Give the conversation that is a person's own log; None while there is none."""
    found = rows(FIND, named(person))
    return int(found[0][0]) if found and found[0][1] else None


def join(conversation: int, person: int) -> Command:
    """Make the command with which a person comes into the own log: the same one however often."""
    payload = {"member": person, "role": "member", "from": 1}
    id = uuid5(_JOIN, str(person))
    return Command(conversation=conversation, author=person, kind="join", id=id, payload=payload, is_vouched=True)


def page(rows: Rows, person: int, *, kind: str | None, after: tuple[str, str], limit: int) -> tuple[int, list[Kept]]:
    """List what is a person's own, by kind and key, as of a seq of the own log, or later: what came since is told."""
    head = rows(_HEAD, named(person))
    params = {"person": person, "kind": kind, "kind_after": after[0], "key_after": after[1], "limit": limit}
    found = [Kept(kind=k, key=key, seq=seq, value=value) for k, key, seq, value in rows(_PAGE, params)]
    return int(head[0][0]) if head else 0, found


def moment(text: str, name: str, id: Any) -> str:
    """Read an instant and write it as the protocol does. Raises Refused."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return instant(at.astimezone(UTC))
    except (ValueError, OverflowError):
        pass
    raise Refused("malformed", f"`{name}` is an instant with its offset, such as 2026-11-24T15:04:05Z.", id)


def command(frame: commands.PersonalCommand, person: int) -> Command:
    """Turn a frame into a command, whose conversation is still to be filled in. Raises Refused."""
    said = msgspec.structs.asdict(frame)
    body = said.get("body")
    payload = {name: value for name, value in said.items() if name not in _BESIDE and value is not None}
    if not payload.get("also", True):
        del payload["also"]
    for name in ("until", "due_at"):
        if name in payload:
            payload[name] = moment(payload[name], name, frame.id)
    if "schedule" in payload:
        payload["schedule"] = str(payload["schedule"])
    for value in payload.values():
        if isinstance(value, str) and value:
            check_text(value, frame.id)
    if isinstance(frame, commands.Schedule):
        check_also(frame.also, frame.thread, frame.id)
    if isinstance(frame, commands.Draft) and not frame.body.strip():
        body = None
    elif body is not None:
        check_body(body, frame.id)
    kind = str(frame.__struct_config__.tag)
    return Command(conversation=0, author=person, kind=kind, id=frame.id, body=body, payload=payload)


class OwnLogs:
    """The own logs of those who have sockets here: each is looked up, or made, at the first command to it."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._ids: dict[int, int] = {}
        self._waiting: dict[int, list[Then]] = {}

    def call(self, person: int, then: Then) -> None:
        """Call with a person's conversation, None where the database is away; in the order asked. Awaits nothing."""
        if person in self._ids:
            then(self._ids[person])
        elif person in self._waiting:
            self._waiting[person].append(then)
        else:
            self._waiting[person] = [then]
            self._hub.spawn(self._open(person))

    async def _open(self, person: int) -> None:
        conversation: int | None = None
        try:
            conversation = await self._made(person)
            self._ids[person] = conversation
        finally:
            for then in self._waiting.pop(person):
                then(conversation)

    async def _made(self, person: int) -> int:
        """Look it up, make it where there is none, and let the person in."""
        found = await database.fetch(FIND, named(person))
        if not found:
            await database.fetch(MAKE, named(person))
            found = await database.fetch(FIND, named(person))
        conversation, is_in = found[0]
        if not is_in:
            verdict: Verdict = await self._hub.log.append(join(conversation, person))
            if verdict.code is not None:
                raise TimeoutError(f"the own log of person {person} could not be opened: {verdict.code}")
        return int(conversation)
