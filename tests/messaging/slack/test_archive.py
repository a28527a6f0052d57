"""What is no export is refused in a sentence, before anything is written."""

import json
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from messaging.models import Conversation, Event, Source
from messaging.slack import load
from messaging.slack.archive import Archive, UnusableExport
from tests.messaging.slack.exports import said, two_people


def refusal(path: Path) -> str:
    """Import a file that is no export; gives the sentence, and asserts that nothing was written."""
    before = [model.objects.count() for model in (User, Conversation, Event, Source)]
    with pytest.raises(UnusableExport) as refused:
        load.run(path, by="tester")
    assert [model.objects.count() for model in (User, Conversation, Event, Source)] == before
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members:
            file.writestr(name, data)
    return path


GOOD: list[tuple[str | zipfile.ZipInfo, bytes]] = [("users.json", b"[]"), ("channels.json", b"[]")]


def test_no_file(tmp_path: Path) -> None:
    assert "can't be opened" in refusal(tmp_path / "nothing.zip")


@pytest.mark.parametrize("data", [b"", b"not a zip at all", b"PK\x03\x04" + b"\0" * 100])
def test_no_zip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    assert "not a zip file" in refusal(path)


def test_a_zip_that_is_cut_off(tmp_path: Path) -> None:
    path = two_people(tmp_path).add("general/2024-01-01.json", said("U1", "1704067200.000001", "hi")).write()
    path.write_bytes(path.read_bytes()[:-200])
    assert "not a zip file" in refusal(path)


def test_no_users(tmp_path: Path) -> None:
    assert "no users.json" in refusal(zipped(tmp_path / "x.zip", ("channels.json", b"[]")))


def test_no_conversations(tmp_path: Path) -> None:
    assert "none of channels.json" in refusal(zipped(tmp_path / "x.zip", ("users.json", b"[]")))


def test_an_export_inside_a_folder(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("acme/users.json", b"[]"), ("acme/channels.json", b"[]"))
    assert "inside a folder" in refusal(path)


@pytest.mark.parametrize(
    "name", ["../users.json", "general/../../2024-01-01.json", "/etc/passwd", "C:/x.json", "..\\x.json", "\\x.json"]
)
def test_paths_that_lead_outside(tmp_path: Path, name: str) -> None:
    assert "leads outside" in refusal(zipped(tmp_path / "x.zip", *GOOD, (name, b"[]")))


def test_a_symbolic_link(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("general/2024-01-01.json")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    assert "symbolic link" in refusal(zipped(tmp_path / "x.zip", *GOOD, (link, b"/etc/passwd")))


def test_a_bomb_by_ratio(tmp_path: Path) -> None:
    bomb = b"[" + b" " * (20 << 20) + b"]"
    assert "zip bomb" in refusal(zipped(tmp_path / "x.zip", *GOOD, ("general/2024-01-01.json", bomb)))


def test_a_bomb_of_many_small_members(tmp_path: Path) -> None:
    days = [(f"general/2024-01-{day:02}.json", b"[" + b" " * (1 << 20) + b"]") for day in range(1, 32)]
    assert "zip bomb" in refusal(zipped(tmp_path / "x.zip", *GOOD, *days))


def test_a_member_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.slack.archive.MAX_MEMBER", 1000)
    path = zipped(tmp_path / "x.zip", *GOOD, ("general/2024-01-01.json", json.dumps(list(range(999))).encode()))
    assert "at most" in refusal(path)


def test_a_size_that_lies(tmp_path: Path) -> None:
    """A member whose header claims less than it unpacks to is not unpacked beyond the claim."""
    path = zipped(tmp_path / "x.zip", *GOOD, ("general/2024-01-01.json", b"[" + b"1, " * 50_000 + b"1]"))
    data = path.read_bytes()
    size = struct.pack("<L", 150_003)
    path.write_bytes(data.replace(size, struct.pack("<L", 20)))
    assert "damaged" in refusal(path)


def test_a_name_twice(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        path = zipped(tmp_path / "x.zip", *GOOD, ("users.json", b"[]"))
    assert "twice" in refusal(path)


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", *GOOD)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert "encrypted" in refusal(path)


def test_damaged_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for name, data in [*GOOD, ("general/2024-01-01.json", b'[{"text": "words"}]')]:
            file.writestr(name, data)
    path.write_bytes(path.read_bytes().replace(b"words", b"swords"[:5]))
    assert "damaged" in refusal(path)


@pytest.mark.parametrize(
    "broken", [b"", b"[", b'[{"ts": "1",}]', b'[{"x": tru}]', b"[\xff]", b"[" * 100_000, b'[{"text": "a\nb"}]', b"[]]"]
)
@pytest.mark.parametrize("name", ["users.json", "channels.json", "general/2024-01-02.json"])
def test_broken_json(tmp_path: Path, name: str, broken: bytes) -> None:
    """Also in the last of the day files: all are read before anything is written."""
    export = two_people(tmp_path).add("general/2024-01-01.json", said("U1", "1704067200.000001", "hi"))
    export.files.pop(name, None)
    sentence = refusal(export.write(raw={name: broken}))
    assert name in sentence
    assert "broken JSON" in sentence


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("users.json", {"users": []}),
        ("users.json", ["U1"]),
        ("users.json", [{"name": "ann"}]),
        ("channels.json", [{"id": 5}]),
        ("channels.json", [{"id": "C1", "members": "U1"}]),
        ("general/2024-01-01.json", {"messages": []}),
        ("general/2024-01-01.json", "hello"),
    ],
)
def test_wrong_shapes(tmp_path: Path, name: str, content: Any) -> None:
    export = two_people(tmp_path)
    export.files.pop(name, None)
    assert name in refusal(export.write(raw={name: json.dumps(content).encode()}))


def test_what_is_in_an_archive(tmp_path: Path) -> None:
    export = two_people(tmp_path).add("general/2024-01-02.json").add("general/2024-01-01.json").add("canvases.json")
    with Archive(export.write(raw={"general/photo.png": b"", "empty/": b""})) as archive:
        assert dict(archive.days) == {"general": ["general/2024-01-02.json", "general/2024-01-01.json"]}
        assert archive.others == ["canvases.json", "general/photo.png"]
        assert len(archive.sha256) == 64
