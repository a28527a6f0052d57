"""Renders the tables of `docs/privacy.md` from what the apps declare of their fields; what stands before is prose."""

from inspect import getdoc

from audit.privacy import Processing
from chatproject.privacy import OWN, Described, described

#: The tables follow this line of the page.
_MARK = "## What is kept, table by table\n"
_NOTE = '"Nobody" means: no page and no call shows it. Of fields that are not personal only the names are given.\n'


def render(page: str) -> str:
    """Give the whole page: the present one's prose and the tables anew; ValueError where their heading is gone."""
    prose, mark, _old = page.partition(_MARK)
    if not mark:
        raise ValueError(f"The page has no line {_MARK.strip()!r}, after which the tables stand.")
    parts, label = [prose + _MARK, _NOTE], ""
    for one in described():
        if one.model._meta.app_label != label:
            label = one.model._meta.app_label
            parts.append(f"### {label}\n")
        parts.append(_section(one))
    return "\n".join(parts)


def _section(one: Described) -> str:
    """Describe a model: a row for each purpose with its fields, and which fields say nothing of anybody."""
    model = one.model
    lines = [f"**`{model._meta.db_table}`**{_about(one)}\n"]
    rows: dict[Processing, list[str]] = {}
    for field, processing in one.fields.items():
        if processing is not None:
            rows.setdefault(processing, []).append(f"`{field}`")
    if rows:
        lines.append("| fields | what for | basis | kept | seen by |\n|---|---|---|---|---|")
        lines += [f"| {', '.join(names)} | {' | '.join(_cells(each))} |" for each, names in rows.items()]
        lines.append("")
    plain = [f"`{field}`" for field, processing in one.fields.items() if processing is None]
    if plain:
        lines.append(f"Not personal: {', '.join(plain)}.\n")
    return "\n".join(lines)


def _cells(processing: Processing) -> tuple[str, str, str, str]:
    return processing.purpose, processing.basis.value, processing.retention.words, processing.recipients


def _about(one: Described) -> str:
    """Give the first sentence of a docstring of ours."""
    return f": {(getdoc(one.model) or '').partition(chr(10))[0]}" if one.model._meta.app_label in OWN else ""
