"""The lock of a conversation: whoever writes its log holds it, so what was read under it is true at the commit."""

from collections.abc import Iterable

from messaging.database import Rows

_HOLD = """
select conversation_id from head where conversation_id = any(%s::bigint[]) order by conversation_id for update
"""


def hold(rows: Rows, conversations: Iterable[int]) -> set[int]:
    """Take the locks of conversations until the transaction ends, in the log's order, and tell which there are.

    Raises django.db.OperationalError where one is not to be had within the session's lock_timeout.
    """
    return {id for (id,) in rows(_HOLD, [list(conversations)])}
