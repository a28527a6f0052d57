"""Reading people from CSV: rows and faults, each with its line."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.people.csv_file import LARGEST_BYTES, Fault, Row, parse

HEAD = "username,name,email,role,channels\n"


def _fields(faults: list[Fault]) -> list[tuple[int, str]]:
    return [(fault.line, fault.field) for fault in faults]


def test_comma_semicolon_and_a_byte_order_mark_are_one():
    plain = "username,name,email\nada,Ada Byron,ada@example.org\n"
    expected = [Row(2, "ada", "Ada Byron", "ada@example.org")]
    for text in (plain, plain.replace(",", ";"), plain.replace("\n", "\r\n"), "\ufeff" + plain):
        assert parse(text.encode())[:2] == (expected, [])


def test_role_and_channels_are_read():
    rows, faults, _others = parse(
        (HEAD + 'ada,"Byron, Ada",ada@example.org,Guest,harbour | the quay |harbour\n').encode()
    )
    assert faults == []
    assert rows == [Row(2, "ada", "Byron, Ada", "ada@example.org", True, ("harbour", "the quay"))]


def test_headings_come_in_any_order_and_case():
    rows, faults, _others = parse(b" Email ,USERNAME,name\nada@example.org,ada,Ada\n")
    assert (rows, faults) == ([Row(2, "ada", "Ada", "ada@example.org")], [])


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("a da,Ada,ada@example.org,,", "username"),
        (",Ada,ada@example.org,,", "username"),
        (f"{'a' * 65},Ada,ada@example.org,,", "username"),
        ("ada,,ada@example.org,,", "name"),
        (f"ada,{'A' * 129},ada@example.org,,", "name"),
        ("ada,Ada\x00,ada@example.org,,", "name"),
        ("ada,Ada,ada,,", "email"),
        ("ada,Ada,,,", "email"),
        ("ada,Ada,ada@example.org,owner,", "role"),
        ("ada,Ada,ada@example.org", ""),
    ],
)
def test_a_fault_names_its_line_and_field_and_what_would_be_right(line, field):
    rows, faults, _others = parse((HEAD + "good,Good,good@example.org,,\n" + line + "\n").encode())
    assert [row.username for row in rows] == ["good"]
    assert (3, field) in _fields(faults)
    assert all(fault.wrong and fault.right for fault in faults)


def test_what_stands_twice_is_told_with_the_line_of_the_first():
    _rows, faults, _others = parse(
        (HEAD + "ada,Ada,ada@example.org,,\nADA,Ada,other@example.org,,\nx,X,Ada@example.org,,\n").encode()
    )
    assert _fields(faults) == [(3, "username"), (4, "email")]
    assert all("line 2" in fault.wrong for fault in faults)


def test_a_field_of_many_lines_keeps_the_count_of_lines():
    _rows, faults, _others = parse((HEAD + 'ada,"Ada\nByron",ada@example.org,,\n\n\nb b,B,b@example.org,,\n').encode())
    assert _fields(faults) == [(2, "name"), (6, "username")]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"username,name\nada,Ada\n", 1),
        (b"username,name,email,phone\n", 1),
        (b"username,name,email,email\n", 1),
        ((HEAD + "ada,Ada,ada@example.org,,\n").encode() + b"\xff\n", 3),
        ((HEAD + 'ada,"Ada" x,ada@example.org,,\n').encode(), 2),
        (b"x" * (LARGEST_BYTES + 1), 1),
    ],
)
def test_a_file_that_can_not_be_read_says_where(data, line):
    _rows, faults, _others = parse(data)
    assert line in [fault.line for fault in faults]


def test_too_many_rows_are_told():
    lines = "".join(f"u{nth},N,u{nth}@example.org,,\n" for nth in range(50_001))
    rows, faults, _others = parse((HEAD + lines).encode())
    assert len(rows) == 50_000
    assert _fields(faults) == [(50_002, "")]


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_whatever_is_handed_in_is_read_or_told(data):
    rows, faults, _others = parse(data)
    assert rows == [] or faults == [] or {row.line for row in rows}.isdisjoint(fault.line for fault in faults)
    assert all(fault.line >= 1 and fault.wrong for fault in faults)


_word = st.text("abcdefghij.-_", min_size=1, max_size=12)
_name = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=40).filter(str.strip)


@given(st.lists(st.tuples(_word, _name), unique_by=lambda pair: pair[0], max_size=20), st.sampled_from(",;"))
def test_what_a_spreadsheet_writes_is_read_back(people, delimiter):
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(["username", "name", "email"])
    writer.writerows([word, name, f"u{nth}@example.org"] for nth, (word, name) in enumerate(people))
    rows, faults, _others = parse(written.getvalue().encode())
    assert faults == []
    assert [(row.username, row.name) for row in rows] == people
