"""Conversations: listing one's own, creating, adding and removing members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Now

from messaging import ownership
from messaging.commands import Command
from messaging.database import Rows, rows
from messaging.entry import instant
from messaging.heads import hold
from messaging.joining import HISTORY, first_seq, is_banned
from messaging.log import append_in
from messaging.models import Conversation, Head
from messaging.protocol import frames
from messaging.protocol.codec import Refused
from messaging.rights import IS_SHOWN, MAY_READ, MUTED_UNTIL, Standing, check_names, check_walls
from messaging.user_groups import meant

#: Members named in the summary of a direct conversation or an unnamed group.
NAMED_MEMBERS = 9

#: A mention that waits to be read: visible, and of a message that was not deleted since, nor said for a time now over.
_COUNTS = f"""a.seq > m.read_seq and a.seq <@ m.spans and not exists (
        select from message_state s where s.conversation_id = a.conversation_id and s.seq = a.seq
            and s.deleted_at is not null)
        and (c.disappearing_since is null or exists (
            select from event e where e.conversation_id = a.conversation_id and e.seq = a.seq and {IS_SHOWN}))"""

#: A person's conversations, latest first: `before_at`/`before_id` page, `only` narrows to some.
SUMMARIES = f"""
select c.id, c.kind, c.name, c.topic, c.is_private, c.archived_at is not null, m.role, m.read_seq, m.read_n,
    m.delivered_seq, m.spans, h.seq, h.n, h.at,
    (select count(*) from (
        select a.seq from mention a where a.conversation_id = c.id and a.person_id = m.person_id and {_COUNTS}
        union
        select a.seq from mention a where a.conversation_id = c.id and a.person_id is null
            and (a.group_id is null or {meant("m.person_id")}) and {_COUNTS}) wanted),
    case when c.kind <> 'channel' and c.name = '' then (
        select json_agg(json_build_array(o.id, o.username, o.name, o.kind = 'bot')) from (
            select o.* from membership om join "user" o on o.id = om.person_id
            where om.conversation_id = c.id and om.person_id <> m.person_id
                and (upper_inf(om.spans) or c.kind = 'direct')
            order by o.id limit {NAMED_MEMBERS}
        ) o
    ) end,
    c.purpose, c.is_read_only, c.slow_s, c.disappears_s, {HISTORY}, c.edits_s, {MUTED_UNTIL},
    c.broad_mentions, c.disappearing_since is not null,
    case when c.disappearing_since is not null then (
        select count(*) from event e where e.conversation_id = c.id and e.expires_at is not null and not {IS_SHOWN}
            and e.kind = 'message' and e.seq > m.read_seq and not exists (
                select from message_state s where s.conversation_id = e.conversation_id and s.seq = e.seq
                    and s.deleted_at is not null)) else 0 end
        + (select count(*) from message_state s
            where s.conversation_id = c.id and s.deleted_at is not null and s.seq > m.read_seq)
from membership m join "user" u on u.id = m.person_id join conversation c on c.id = m.conversation_id
join head h on h.conversation_id = c.id
where m.person_id = %(person)s and {MAY_READ} and (%(personal)s or c.kind <> 'personal')
    and (%(only)s::bigint[] is null or m.conversation_id = any(%(only)s::bigint[]))
    and (%(before_at)s::timestamptz is null or (h.at, c.id) < (%(before_at)s::timestamptz, %(before_id)s::bigint))
order by h.at desc, c.id desc
limit %(limit)s::bigint
"""

#: The ids of a person's conversations, the personal one among them.
IDS = f"""
select c.id from membership m join "user" u on u.id = m.person_id join conversation c on c.id = m.conversation_id
where m.person_id = %(person)s and {MAY_READ}
"""


def summary_params(
    person: int,
    *,
    only: Sequence[int] | None = None,
    before: tuple[Any, int] | None = None,
    limit: int | None = None,
    personal: bool = False,
) -> dict[str, Any]:
    """Give the parameters of SUMMARIES. `personal`: the person's own log as well."""
    at, id = before or (None, None)
    return {
        "person": person,
        "only": None if only is None else list(only),
        "before_at": at,
        "before_id": id,
        "limit": limit,
        "personal": personal,
    }


class Summary(NamedTuple):
    """A row of SUMMARIES: a conversation as one member has it, at one moment."""

    id: int
    kind: str
    name: str
    topic: str
    is_private: bool
    is_archived: bool
    role: str
    read_seq: int
    read_n: int
    delivered_seq: int
    spans: Any
    seq: int
    n: int
    at: Any
    mentions: int
    users: list[list[Any]] | None
    purpose: str
    is_read_only: bool
    slow_s: int
    disappears_s: int
    history: str
    edits_s: int | None
    muted_until: datetime | None
    broad_mentions: bool
    #: Something was or is said for a time here.
    is_disappearing: bool
    #: Messages after the read position that were deleted, or whose time is over.
    gone: int

    @property
    def first(self) -> int:
        """The first seq that this member may see."""
        return int(self.spans[0].lower or 1) if self.spans else 1

    def sees(self, seq: int) -> bool:
        """Tell whether this member may see an event."""
        return any(seq in span for span in self.spans)

    def frame(self, seq: int | None = None, n: int | None = None) -> frames.Conversation:
        """Give it its form on the wire, as of a head that may be later than the row's."""
        return frames.Conversation(
            id=self.id,
            kind=self.kind,  # type: ignore[arg-type]
            name=self.name,
            topic=self.topic,
            is_private=self.is_private,
            is_archived=self.is_archived,
            role=self.role,  # type: ignore[arg-type]
            seq=self.seq if seq is None else seq,
            read=self.read_seq,
            delivered=self.delivered_seq,
            unread=max(0, (self.n if n is None else n) - self.read_n - self.gone),
            mentions=self.mentions,
            users=[frames.Person(id=i, username=u, name=n_, is_bot=b) for i, u, n_, b in self.users or []],
            purpose=self.purpose,
            is_read_only=self.is_read_only,
            slow_s=self.slow_s,
            disappears_s=self.disappears_s,
            history=int(self.history) if self.history.isdigit() else self.history,  # type: ignore[arg-type]
            edits_s=self.edits_s,
            muted_until=None if self.muted_until is None else instant(self.muted_until),
            broad_mentions=self.broad_mentions,
        )


def summaries(rows: Rows, person: int, **narrowed: Any) -> list[Summary]:
    """List a person's conversations, latest first (see `summary_params`)."""
    return [Summary(*row) for row in rows(SUMMARIES, summary_params(person, **narrowed))]


def _join(conversation: int, author: int, member: int, role: str, first: int | None = None) -> Command:
    payload: dict[str, Any] = {"member": member, "role": role}
    if first is not None:
        payload["from"] = first
    return Command(conversation=conversation, author=author, kind="join", payload=payload, is_vouched=True)


def direct_key(one: int, other: int) -> str:
    """Name the pair of a direct conversation."""
    return f"{min(one, other)}:{max(one, other)}"


def create(
    kind: str, *, creator: int, name: str = "", is_private: bool = True, members: Sequence[int] = ()
) -> tuple[Conversation, bool]:
    """Create a conversation with its first members; a direct one that exists is given back, with False.

    Members are people's ids that exist and are active: the caller has looked. Raises Refused for a name where the
    creator is muted in the whole workspace.
    """
    if name:
        check_names(rows, creator)
    others = [member for member in dict.fromkeys(members) if member != creator]
    with transaction.atomic():
        key = direct_key(creator, others[0] if others else creator) if kind == "direct" else None
        if key is not None:
            with connection.cursor() as cursor:  # two who open it at the same moment open one
                cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"direct {key}"])
            found = Conversation.objects.filter(direct_key=key).first()
            if found is not None:
                return found, False
        made = Conversation.objects.create(
            kind=kind, name=name, is_private=is_private or kind != "channel", direct_key=key, shown_at=Now()
        )
        Head.objects.create(conversation=made)
        owner = "member" if kind == "direct" else "owner"
        joins = [_join(made.pk, creator, creator, owner, 1)]
        append_in([*joins, *(_join(made.pk, creator, other, "member", 1) for other in others)])
    return made, True


def add_member(conversation: int, *, by: int, standing: Standing, member: int, role: str = "member") -> None:
    """Add a person, who may read what the conversation's rule for joiners says (`joining`).

    Adding somebody who is in already changes the role where it differs, and else nothing.
    """
    with transaction.atomic():
        hold(rows, [conversation])  # so that two who add the same person add one
        with connection.cursor() as cursor:
            cursor.execute(
                "select role from membership where conversation_id = %s and person_id = %s and upper_inf(spans)",
                [conversation, member],
            )
            present = cursor.fetchone()
        if present is None:
            check_walls(rows, conversation, member)
            let_in(
                conversation,
                by=by,
                member=member,
                role=role,
                if_banned="This person is banned from here: lift the ban first.",
            )
        elif present[0] != role:
            if present[0] == "owner" and ownership.is_only_owner(rows, conversation, member):
                raise Refused("forbidden", "This is the only owner: make somebody else an owner first.")
            payload = {"member": member, "role": role}
            append_in([Command(conversation=conversation, author=by, kind="role", payload=payload, is_vouched=True)])


def let_in(conversation: int, *, by: int, member: int, if_banned: str, role: str = "member") -> None:
    """Put somebody in who is not; the caller holds the lock and has checked all but bans. Raises Refused for those."""
    if is_banned(rows, conversation, member):
        raise Refused("forbidden", if_banned)
    append_in([_join(conversation, by, member, role, first_seq(rows, conversation))])


def remove_member(conversation: int, *, by: int, member: int) -> bool:
    """Remove a person, who gets the leave as the last event; False for somebody who is not in.

    What the only owner leaves goes to another member first (`ownership.departure`).
    """
    with transaction.atomic():
        hold(rows, [conversation])
        with connection.cursor() as cursor:
            cursor.execute(
                "select 1 from membership where conversation_id = %s and person_id = %s and upper_inf(spans)",
                [conversation, member],
            )
            if cursor.fetchone() is None:
                return False
        append_in(ownership.departure(rows, conversation, by=by, member=member))
    return True
