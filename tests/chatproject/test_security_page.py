"""Each test that the threat model names is there, and it names one for every defence."""

import re

from chatproject.places import ROOT

_PAGE = (ROOT / "docs" / "security.md").read_text()
_NAMED = re.compile(r"`([\w/.-]+\.py)(?:::(\w+))?`")


def _named() -> list[tuple[str, str]]:
    return [(path, name) for path, name in _NAMED.findall(_PAGE) if (ROOT / "tests" / path.split("/")[0]).is_dir()]


def test_each_named_test_is_there():
    named = _named()
    assert len(named) > 80
    for path, name in named:
        file = ROOT / "tests" / path
        assert file.exists(), path
        assert not name or re.search(rf"^(async )?def {name}\(", file.read_text(), re.MULTILINE), f"{path}::{name}"


def test_each_defence_names_one():
    tables = [part for part in _PAGE.split("\n\n") if part.startswith("| what is tried")]
    assert len(tables) == 5
    for table in tables:
        for row in table.splitlines()[2:]:
            assert _NAMED.search(row.rpartition("|")[0].rpartition("|")[2]), row
