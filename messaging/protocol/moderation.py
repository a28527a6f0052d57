"""Bodies of the calls by which people are kept from writing, and messages are reported."""

from typing import Annotated, Literal

import msgspec

from messaging.protocol.frames import Person


class Muted(msgspec.Struct, kw_only=True):
    """A member who may not write until then."""

    user: Person
    until: str


class MutesPage(msgspec.Struct, kw_only=True):
    """A page of who is muted, by username."""

    mutes: list[Muted]
    cursor: str | None


class NewMute(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom to mute, for how many seconds: at most 30 days."""

    user: int
    for_s: Annotated[int, msgspec.Meta(ge=1, le=2_592_000)]


class Banned(msgspec.Struct, kw_only=True):
    """Somebody who may not come back; by whom, and since when."""

    user: Person
    by: int
    at: str


class BansPage(msgspec.Struct, kw_only=True):
    """A page of who is banned, by username."""

    bans: list[Banned]
    cursor: str | None


class NewBan(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom to ban."""

    user: int


ReportReason = Literal["harassment", "spam", "confidential", "illegal", "other"]


class NewReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why moderators should look at a message."""

    reason: ReportReason
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Report(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A message that one has reported, and what became of it."""

    id: int
    conversation: int
    seq: int
    reason: ReportReason = msgspec.field()
    note: str = ""
    at: str = msgspec.field()
    state: Literal["open", "decided"] = msgspec.field()
    decided_at: str | None = None
    outcome: Literal["dismissed", "deleted", "muted", "removed", "banned"] | None = None


class ReportsPage(msgspec.Struct, kw_only=True):
    """A page of what one has reported, latest first."""

    reports: list[Report]
    cursor: str | None
