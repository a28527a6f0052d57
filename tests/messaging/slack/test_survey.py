"""The order of records over the day files, found in the first pass."""

from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from messaging.slack.archive import Archive
from messaging.slack.records import Listed, Message
from messaging.slack.survey import Place, Room, Survey, place
from tests.messaging.slack.exports import said, two_people

days = st.lists(st.lists(st.integers(0, 60), max_size=5), max_size=8)


@given(days)
def test_stretches_keep_the_order(files: list[list[int]]) -> None:
    """Sorted within its stretch, every record comes where it does when all are sorted at once."""
    room = Room("channel", Listed(id="C1"))
    for number, times in enumerate(files):
        room.days.append((min(times, default=0), max(times, default=0), str(number)))
    stretched = [at for stretch in room.stretches() for at in sorted(t for name in stretch for t in files[int(name)])]
    assert stretched == sorted(at for times in files for at in times)
    assert sorted(name for stretch in room.stretches() for name in stretch) == sorted(map(str, range(len(files))))


def test_days_that_do_not_overlap_are_read_one_by_one(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    for day in range(1, 6):
        export.add(f"general/2024-01-0{day}.json", said("U1", f"17040672{day:02}.000000", "x"))
    with Archive(export.write()) as archive:
        assert [len(stretch) for stretch in Survey(archive).rooms[0].stretches()] == [1] * 5


def test_where_a_record_belongs() -> None:
    def of(ts: str | None, thread_ts: str | None = None) -> Place | None:
        return place(msgspec.convert({"ts": ts, "thread_ts": thread_ts}, Message))

    assert of(None) is None
    assert of("5.000001") == (5_000_001, False, 5_000_001)
    assert of("5.0", "4.0") == (5_000_000, False, 5_000_000)
    assert of("5.0", "6.0") == (6_000_000, True, 5_000_000)
    assert of("5.0", "nonsense") == (5_000_000, False, 5_000_000)


def test_two_folders_of_one_conversation(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    export.add("general/2024-01-02.json", said("U1", "1704153600.000000", "x"))
    export.add("C1/2024-01-01.json", said("U1", "1704067200.000000", "x"))
    with Archive(export.write()) as archive:
        survey = Survey(archive)
    assert list(survey.rooms[0].stretches()) == [["C1/2024-01-01.json"], ["general/2024-01-02.json"]]
    assert (survey.records, survey.strays) == (2, {})
