"""What the log of one conversation does, in plain Python: the yardstick of `test_model.py`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from messaging.commands import Command

MODERATE = ("owner", "moderator")


class Answer(NamedTuple):
    """What a command gets: as a verdict, without what only the database knows."""

    code: str | None
    seq: int = 0
    is_duplicate: bool = False


class Line(NamedTuple):
    """One event of the log."""

    seq: int
    n: int
    id: UUID | None
    kind: str
    author: int
    said_at: datetime | None = None
    target: int | None = None
    thread: int | None = None
    body: str | None = None
    payload: dict[str, Any] | None = None

    def says(self) -> tuple[Any, ...]:
        """All by which a repetition is known."""
        return self.author, self.kind, self.target, self.thread, self.body, self.payload


@dataclass
class Member:
    """Somebody who is or was in it."""

    role: str
    #: From where to where something can be seen, both included; None: is in now.
    spans: list[tuple[int, int | None]] = field(default_factory=list)

    @property
    def is_in(self) -> bool:
        return any(last is None for _first, last in self.spans)

    def sees(self, seq: int) -> bool:
        return any(first <= seq and (last is None or seq <= last) for first, last in self.spans)


class Model:
    """A conversation: its log, and who is in it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.log: list[Line] = []
        self.members: dict[int, Member] = {}
        self.is_archived = False

    def line(self, seq: int | None) -> Line | None:
        return self.log[seq - 1] if seq is not None and 0 < seq <= len(self.log) else None

    def _is_deleted(self, seq: int) -> bool:
        return any(line.kind == "delete" and line.target == seq for line in self.log)

    def _n(self, kind: str) -> int:
        return (self.log[-1].n if self.log else 0) + (kind == "message")

    def _add(self, kind: str, author: int, id: UUID | None = None, **fields: Any) -> Line:
        line = Line(len(self.log) + 1, self._n(kind), id, kind, author, **fields)
        self.log.append(line)
        return line

    def put(self, command: Command) -> Answer:
        """Carry out what somebody says."""
        member = self.members.get(command.author)
        if member is None or not member.is_in:
            return Answer("not_found")
        old = next((line for line in self.log if line.id == command.id), None)
        if old is not None:
            said = (command.author, command.kind, command.target, command.thread, command.body, command.payload)
            return Answer(None, old.seq, True) if old.says() == said else Answer("malformed")
        code = "archived" if self.is_archived else self._refusal(command, member)
        if code is not None:
            return Answer(code)
        line = self._add(
            command.kind,
            command.author,
            command.id,
            said_at=command.said_at,
            target=command.target,
            thread=command.thread,
            body=command.body,
            payload=command.payload,
        )
        return Answer(None, line.seq)

    def _refusal(self, command: Command, member: Member) -> str | None:
        if command.target is not None:
            target = self.line(command.target)
            if target is None or target.kind != "message" or not member.sees(target.seq):
                return "not_found"
            if self._is_deleted(target.seq):
                return "not_found"
            is_own = target.author == command.author
            if command.kind == "edit" and not is_own:
                return "forbidden"
            if command.kind == "delete" and not is_own and member.role not in MODERATE:
                return "forbidden"
        if command.thread is not None:
            root = self.line(command.thread)
            if root is None or root.kind != "message" or not member.sees(root.seq):
                return "not_found"
            if root.thread is not None:
                return "malformed"
        return None

    def join(self, by: int, who: int, role: str, first: int | None = None) -> None:
        """Let somebody in, or change the role of somebody who is in."""
        member = self.members.get(who)
        if member is not None and member.is_in:
            if member.role != role:
                if self._is_only_owner(who):
                    raise ValueError("it would be without an owner")
                member.role = role
                self._add("role", by, payload={"member": who, "role": role})
            return
        payload = {"member": who, "role": role} | ({} if first is None else {"from": first})
        line = self._add("join", by, payload=payload)
        member = self.members.setdefault(who, Member(role))
        member.role = role
        member.spans.append((line.seq if first is None else first, None))

    def _is_only_owner(self, who: int) -> bool:
        owners = [id for id, member in self.members.items() if member.is_in and member.role == "owner"]
        return owners == [who] and self.kind != "direct" and not self.is_archived

    def leave(self, by: int, who: int) -> bool:
        """Let somebody go; False where that person isn't in."""
        member = self.members.get(who)
        if member is None or not member.is_in:
            return False
        heirs = [(other.role != "moderator", id) for id, other in self.members.items() if other.is_in and id != who]
        if self._is_only_owner(who) and heirs:
            heir = min(heirs)[1]
            self.members[heir].role = "owner"
            self._add("role", by, payload={"member": heir, "role": "owner"})
        line = self._add("leave", by, payload={"member": who})
        member.spans = [(first, line.seq if last is None else last) for first, last in member.spans]
        return True

    def archive(self, by: int, on: bool) -> None:
        """Archive it, or open it again."""
        self.is_archived = on
        self._add("archive", by, payload={"on": on})
