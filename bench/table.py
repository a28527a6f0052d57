"""Results as a table, for a terminal or for docs/bench.md."""

from collections.abc import Sequence

from bench.results import Result

_HEAD = ("what", "ours", "beside", "its figure", "ratio", "each pair", "required", "")


def _cells(result: Result) -> list[tuple[str, ...]]:
    return [
        (
            line.what,
            _figure(line.ours, line.unit),
            result.beside,
            _figure(line.yardstick, line.unit),
            f"{line.ratio:.2f}",
            ", ".join(f"{pair.ratio:.2f}" for pair in line.pairs),
            str(line.bound),
            "holds" if line.holds else "NOT",
        )
        for line in result.lines
    ]


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def plain(results: Sequence[Result]) -> str:
    """Set it in columns."""
    rows = [_HEAD, *(cells for result in results for cells in _cells(result))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *_notes(results)])


def markdown(results: Sequence[Result]) -> str:
    """Set it in Markdown, with what it was measured on below."""
    rows = [_HEAD, ("---",) * len(_HEAD), *(cells for result in results for cells in _cells(result))]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    below = [*_notes(results), *dict.fromkeys(map(_circumstances, results))]
    return "\n".join([*lines, "", *(f"- {line}" for line in below)])


def _notes(results: Sequence[Result]) -> list[str]:
    return [f"{result.name}: {note}" for result in results for note in result.notes]


def _circumstances(result: Result) -> str:
    on, commit = result.machine, result.commit
    tree = f"{commit.id[:12]}{' and changes' if commit.is_dirty else ''}"
    return (
        f"{result.date:%Y-%m-%d}, commit {tree}: {on.cpu}, {on.cores} cores, {on.memory_gib:g} GiB, Linux {on.kernel}, "
        f"Python {on.python}, PostgreSQL {on.postgresql}, Valkey {on.valkey}, uvicorn {on.uvicorn}."
    )
