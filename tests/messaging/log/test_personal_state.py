"""What a person's own log amounts to: the last word for a key counts, however it came there."""

from typing import Any
from uuid import UUID, uuid4

from hypothesis import example, given, settings
from hypothesis import strategies as st

from messaging import personal
from messaging.database import rows
from messaging.protocol import commands
from messaging.protocol.bodies import Kept
from tests.worlds import channel, keep, own_log, person

SCHEDULES = [UUID(int=n) for n in (1, 2)]
_on = st.booleans()
_few = st.integers(1, 2)
#: What is kept, but where; that is filled in.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("draft"), st.fixed_dictionaries({"body": st.sampled_from(["", "  ", "some", "more"])})),
        st.tuples(st.just("draft"), st.fixed_dictionaries({"body": st.sampled_from(["", "some"]), "thread": _few})),
        st.tuples(st.just("save"), st.fixed_dictionaries({"message": _few, "on": _on})),
        st.tuples(st.just("follow"), st.fixed_dictionaries({"root": _few, "on": _on})),
        st.tuples(st.just("seen"), st.fixed_dictionaries({"root": _few, "read": st.integers(0, 9)})),
        st.tuples(st.just("level"), st.fixed_dictionaries({"level": st.sampled_from(["all", "mentions", "none"])})),
        st.tuples(
            st.just("schedule"),
            st.fixed_dictionaries(
                {
                    "schedule": st.sampled_from(SCHEDULES),
                    "due_at": st.just("2099-01-01T00:00:00.000000Z"),
                    "body": st.sampled_from(["a", "b"]),
                }
            ),
        ),
        st.tuples(
            st.just("prefer"),
            st.fixed_dictionaries({"name": st.sampled_from("ab"), "value": st.sampled_from([None, False, 0, "", "x"])}),
        ),
        st.tuples(st.just("block"), st.fixed_dictionaries({"person": _few, "on": _on})),
        st.tuples(st.just("status"), st.fixed_dictionaries({"emoji": st.sampled_from(["", "🌴"])})),
        st.tuples(st.just("unschedule"), st.fixed_dictionaries({"schedule": st.sampled_from(SCHEDULES)})),
    ),
    max_size=25,
)
STRUCTS: dict[str, Any] = {name: getattr(commands, name.capitalize()) for name in (*personal.KINDS, "unschedule")}
WHERE = {"draft", "save", "follow", "seen", "level", "schedule"}


def model(steps: list[tuple[str, dict[str, Any]]], where: int) -> dict[tuple[str, str], dict[str, Any]]:
    """Say what should be kept, in the words of `docs/protocol.md`."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, fields in steps:
        said = {name: str(v) if isinstance(v, UUID) else v for name, v in fields.items() if v is not None}
        if kind in WHERE:
            said["where"] = where
        key = {
            "draft": f"{where}/{said['thread']}" if "thread" in said else str(where),
            "save": f"{where}/{said.get('message')}",
            "follow": f"{where}/{said.get('root')}",
            "seen": f"{where}/{said.get('root')}",
            "level": str(where),
            "prefer": said.get("name"),
            "block": str(said.get("person")),
            "status": "",
        }.get(kind, said.get("schedule"))
        is_gone = {
            "draft": not said.get("body", "").strip(),
            "save": said.get("on") is False,
            "block": said.get("on") is False,
            "level": said.get("level") == "all",
            "prefer": "value" not in said,
            "status": said.get("emoji") == "",
            "unschedule": True,
        }.get(kind, False)
        place = ("schedule" if kind == "unschedule" else kind, str(key))
        if is_gone:
            kept.pop(place, None)
        elif kind != "seen" or place not in kept or said["read"] > kept[place]["read"]:
            kept[place] = said | ({"text": ""} if kind == "status" else {})
    return kept


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
@example(steps=[("seen", {"root": 1, "read": 5}), ("seen", {"root": 1, "read": 3})])
def test_the_last_word_for_a_key_counts(steps: list[tuple[str, dict[str, Any]]]) -> None:
    """The trigger's rows are what the words of the protocol make of the same log."""
    alice = person("alice")
    where, own = channel(alice), own_log(alice)
    for kind, fields in steps:
        more = {"where": where} if kind in WHERE else {}
        assert keep(alice, own, STRUCTS[kind](id=uuid4(), **fields, **more)).code is None
    seq, found = personal.page(rows, alice.pk, kind=None, after=("", ""), limit=200)
    assert seq == 1 + len(steps)
    assert {(k.kind, k.key): k.value for k in found} == model(steps, where)


def test_pages_have_no_gap_and_narrow_to_a_kind() -> None:
    """By kind and key, however many a page."""
    alice = person("alice")
    where, own = channel(alice), own_log(alice)
    for message in range(1, 8):
        keep(alice, own, commands.Save(id=uuid4(), where=where, message=message, on=True))
    keep(alice, own, commands.Block(id=uuid4(), person=1, on=True))
    whole: list[Kept] = []
    after = ("", "")
    while True:
        _seq, found = personal.page(rows, alice.pk, kind=None, after=after, limit=3)
        if not found:
            break
        whole += found
        after = (found[-1].kind, found[-1].key)
    assert [kept.kind for kept in whole] == ["block"] + ["save"] * 7
    assert personal.page(rows, alice.pk, kind="save", after=("", ""), limit=200)[1] == whole[1:]


def test_it_speaks_of_conversations_that_one_is_in_and_lets_go_of_others() -> None:
    """A draft elsewhere is refused as if nothing were there; taking it back needs no right."""
    alice, mallory = person("alice"), person("mallory")
    where, own = channel(alice), own_log(mallory)
    for frame, code in (
        (commands.Draft(id=uuid4(), where=where, body="in"), "not_found"),
        (commands.Save(id=uuid4(), where=where, message=1, on=True), "not_found"),
        (commands.Draft(id=uuid4(), where=own, body="in"), "not_found"),
        (commands.Save(id=uuid4(), where=where, message=1, on=False), None),
        (commands.Draft(id=uuid4(), where=where, body=""), None),
    ):
        assert keep(mallory, own, frame).code == code, frame
    assert personal.page(rows, mallory.pk, kind=None, after=("", ""), limit=200)[1] == []
    assert keep(alice, own, commands.Block(id=uuid4(), person=1, on=True)).code == "not_found"
