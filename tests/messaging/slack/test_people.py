"""Who is who: by (team, Slack id) and by nothing else, unless a map says so."""

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from accounts.models import User
from audit.models import Entry
from messaging.models import Conversation, Event, SlackKey, Source
from messaging.slack import load, people, rooms
from messaging.slack.archive import UnusableExport
from tests.messaging.slack.exports import Export, channel, said, two_people, user


def person(username: str) -> User:
    return get_user_model().objects.create_user(username=username, email=f"x{User.objects.count()}@example.com")


def imported(export: Export, slack_id: str) -> User:
    return User.objects.get(pk=SlackKey.objects.get(team=export.team, slack_id=slack_id, kind="person").object_id)


def test_nobody_is_merged_by_name_or_address(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    there = person(f"Ann-{export.team}")
    export.files["users.json"][0]["profile"]["email"] = there.email
    tally = load.run(export.write(), by="tester").tally
    ann = imported(export, "U1")
    assert ann.pk != there.pk
    assert (ann.username, ann.email) == (f"ann-{export.team}-2", there.email)
    assert tally.remarks[people.TAKEN].places == [f"ann-{export.team} → ann-{export.team}-2"]


def test_suffixes_go_on(tmp_path: Path) -> None:
    export = Export(tmp_path)
    name = "n" * 64
    export.add("users.json", *(user(f"U{number}", name) for number in range(12)))
    person(name)
    load.run(export.write(), by="tester")
    names = [imported(export, f"U{number}").username for number in range(12)]
    assert names == ["n" * 62 + f"-{number}" for number in range(2, 10)] + [
        "n" * 61 + f"-{number}" for number in range(10, 14)
    ]


@pytest.mark.parametrize(("name", "username"), [("a b", "a_b"), ("x@y:z", "x_y_z"), ("zoë<1>", "zoë_1_")])
def test_names_that_no_username_has(tmp_path: Path, name: str, username: str) -> None:
    export = Export(tmp_path)
    export.add("users.json", user("U1", f"{name}{export.team}"))
    tally = load.run(export.write(), by="tester").tally
    assert imported(export, "U1").username == f"{username}{export.team}"
    assert tally.remarks[people.RESPELT].times == 1


def test_bad_addresses_and_odd_names(tmp_path: Path) -> None:
    export = Export(tmp_path)
    odd = user("U1", f"odd-{export.team}", profile={"email": "no address", "display_name": "a\0b\ud800"})
    long = user("U2" * 50, f"long-{export.team}", profile={"display_name": "x" * 500, "email": None})
    bare = {"id": "U\0"}
    export.add("users.json", odd, long, bare)
    tally = load.run(export.write(), by="tester").tally
    assert (imported(export, "U1").email, imported(export, "U1").name) == ("", "a\ufffdb\ufffd")
    assert len(imported(export, people.key("U2" * 50)).name) == 128
    assert tally.remarks[people.NO_ADDRESS].places == ["no address"]


def mapped(tmp_path: Path, export: Export, lines: str) -> Path:
    path = tmp_path / "map.csv"
    path.write_text(lines)
    return path


def test_a_map_by_id_and_by_address(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    anna, benno = person(f"anna-{export.team}"), person(f"benno-{export.team}")
    export.add("general/2024-01-01.json", said("U1", "1704067200.000000", "hello <@U2>"))
    lines = f"U1,{anna.username.upper()}\nU2@example.com, {benno.username}\n\n"
    tally = load.run(export.write(), by="tester", mapping=mapped(tmp_path, export, lines)).tally
    assert (imported(export, "U1"), imported(export, "U2")) == (anna, benno)
    said_by = Event.objects.get(author_id=anna.pk, kind="message")
    assert said_by.body == f"hello <@{benno.pk}>"
    assert anna.imported_at is None
    assert dict(tally.people) == {"already there": 0, "mapped": 2}
    started = Entry.objects.filter(verb="import.start").latest("id")
    assert (started.after or {})["map"] == {"U1": anna.pk, "U2": benno.pk}
    load.run(export.write(), by="tester")
    assert imported(export, "U1") == anna


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("U1\n", "two columns"),
        ("U1,a,b\n", "two columns"),
        ("U77,admin\n", "no user 'U77'"),
        ("U1,nobody-at-all\n", "no person 'nobody-at-all'"),
        ("\0", "can't be read|two columns"),
    ],
)
def test_a_map_that_is_wrong(tmp_path: Path, lines: str, sentence: str) -> None:
    export = two_people(tmp_path)
    before = User.objects.count()
    with pytest.raises(UnusableExport, match=sentence):
        load.run(export.write(), by="tester", mapping=mapped(tmp_path, export, lines))
    assert User.objects.count() == before


def test_a_map_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableExport, match="can't be read"):
        load.run(two_people(tmp_path).write(), by="tester", mapping=tmp_path / "no.csv")


def test_a_map_against_an_earlier_import(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    load.run(export.write(), by="tester")
    other = person(f"other-{export.team}")
    export.add("users.json", user("U3", f"new-{export.team}"))
    before = Source.objects.count(), Entry.objects.count(), User.objects.count()
    with pytest.raises(UnusableExport, match="another person"):
        load.run(export.write(), by="tester", mapping=mapped(tmp_path, export, f"U1,{other.username}"))
    assert (Source.objects.count(), Entry.objects.count(), User.objects.count()) == before


def test_a_direct_conversation_that_two_mapped_people_have_already(tmp_path: Path) -> None:
    from messaging import conversations

    export = two_people(tmp_path)
    anna, benno = person(f"anna-{export.team}"), person(f"benno-{export.team}")
    there, _ = conversations.create("direct", creator=anna.pk, members=[benno.pk])
    export.add("dms.json", {"id": "D1", "created": 1, "members": ["U1", "U2"]})
    export.add("D1/2024-01-01.json", said("U1", "1704067200.000000", "before Parley"))
    lines = f"U1,{anna.username}\nU2,{benno.username}\n"
    tally = load.run(export.write(), by="tester", mapping=mapped(tmp_path, export, lines)).tally
    assert rooms.MERGED in tally.remarks
    assert SlackKey.objects.get(team=export.team, slack_id="D1").object_id == there.pk
    assert Event.objects.filter(conversation_id=there.pk).order_by("seq").last().body == "before Parley"  # type: ignore[union-attr]


def test_a_bots_several_names(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    export.add(
        "general/2024-01-01.json",
        *(
            {"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": f"1704067200.00000{n}", "text": "x"}
            | ({"username": name} if name else {})
            for n, name in enumerate(["Nagios", "Jenkins", None, "Nagios"])
        ),
    )
    load.run(export.write(), by="tester")
    kinds = {key: imported(export, key).kind for key in ("B1/Nagios", "B1/Jenkins", "B1")}
    assert set(kinds.values()) == {"bot"}


def test_members_that_no_list_names(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    export.add("channels.json", channel("C2", "odd", "U1", "UFAR"))
    load.run(export.write(), by="tester")
    assert imported(export, "UFAR").name == "UFAR"
    assert Conversation.objects.filter(name="odd", shown_at__isnull=False).exists()
