"""The administration's first page."""

from typing import Any

from accounts.admin import approvals
from accounts.admin.asking import Asking
from chatproject.dashboard import activity, people, queues, storage, trail, warnings


def context(asks: Asking) -> dict[str, Any]:
    """Give all that the page shows. Fewer than fifteen queries, however many people there are."""
    counts = activity.messages_a_day()
    stored, watch = storage.look(), trail.look()
    return {
        "people": people.figures(),
        "bars": activity.chart(counts) if counts is not None else None,
        "most": max((count for _day, count in counts), default=0) if counts else 0,
        "said": sum(count for _day, count in counts) if counts else 0,
        "storage": stored,
        "queues": queues.look(),
        "open_approvals": approvals.waiting(asks).count(),
        "watch": watch,
        "warnings": [*warnings.of(stored), *trail.warnings(watch)],
    }
