"""What somebody who joins may read of what was said before, and who may not join."""

from messaging.database import Rows

#: The rule of a conversation `c`: its own, or what is usual for its kind.
HISTORY = "coalesce(c.history, case when c.kind = 'channel' then 'start' else 'joining' end)"

#: The first seq that who joins now may see; null: the own joining. Days are counted by the witnessed time, which never
#: goes backwards in a log, so the place is found by halving: some twenty events are looked at in a log of a million.
_FIRST_SEQ = f"""
with recursive rule as (
    select {HISTORY} as history, h.seq as head from conversation c join head h on h.conversation_id = c.id
    where c.id = %(conversation)s
), halving (low, high, since) as (
    select 1::bigint, head + 1, statement_timestamp() - history::integer * interval '1 day'
    from rule where history not in ('start', 'joining')
    union all
    select case when e.at < since then e.seq + 1 else low end, case when e.at < since then high else e.seq end, since
    from halving join event e on e.conversation_id = %(conversation)s and e.seq = (low + high) / 2
    where low < high
)
select case history when 'start' then 1 when 'joining' then null else (select low from halving where low = high) end
from rule
"""
_IS_BANNED = "select exists (select from ban where conversation_id = %s and person_id = %s)"


def first_seq(rows: Rows, conversation: int) -> int | None:
    """Give the first seq that who joins now may see; None for the own joining."""
    found = rows(_FIRST_SEQ, {"conversation": conversation})[0][0]
    return None if found is None else int(found)


def is_banned(rows: Rows, conversation: int, person: int) -> bool:
    """Tell whether somebody may not come back."""
    return bool(rows(_IS_BANNED, [conversation, person])[0][0])
