"""The end of an import, in words: what went in where, and what did not and why."""

from collections.abc import Iterator

from messaging.slack.tally import Reason, Tally

_NOUNS = {
    "message": "messages",
    "reply": "replies",
    "edit": "edits",
    "delete": "deletions",
    "react": "reactions",
    "join": "joins",
    "leave": "leaves",
    "topic": "topics",
    "purpose": "purposes",
    "rename": "renames",
    "archive": "archivings",
}


def lines(tally: Tally, left_out: list[str]) -> Iterator[str]:
    """Write the report; `left_out`: files of the zip that are not read."""
    people = ", ".join(f"{count:,} {what}" for what, count in tally.people.items() if count)
    yield f"people: {people or 'none'}"
    for title, written in tally.written.items():
        parts = [f"{written[kind]:,} {noun}" for kind, noun in _NOUNS.items() if written[kind]]
        if tally.already[title]:
            parts.append(f"{tally.already[title]:,} events already there")
        yield f"{title}: {', '.join(parts) or 'nothing'}"
    yield from _reasons("not taken", tally.skipped)
    yield from _reasons("note", tally.remarks)
    if left_out:
        more = "" if len(left_out) <= 5 else f" and {len(left_out) - 5:,} more"
        yield f"files of the zip that are no conversations, not imported: {', '.join(left_out[:5])}{more}"
    yield f"{tally.taken:,} of {tally.records:,} records taken"


def _reasons(what: str, reasons: dict[str, Reason]) -> Iterator[str]:
    for text, reason in reasons.items():
        more = ", …" if reason.times > len(reason.places) else ""
        yield f"{what}: {reason.times:,} × {text} ({'; '.join(reason.places)}{more})"
