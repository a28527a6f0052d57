"""A Slack export's zip: opened, vetted for what could do harm, and read a member at a time."""

import hashlib
import re
import stat
import zipfile
import zlib
from collections import defaultdict
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

MIB = 1 << 20
#: JSON of chats packs to about a tenth; a hundredth is what only a bomb reaches.
MAX_RATIO = 100
#: Below this a ratio says nothing: a day of one repeated line packs well.
RATIO_MATTERS_FROM = 4 * MIB
#: A member is held in memory while it is read.
MAX_MEMBER = 512 * MIB
MAX_TOTAL = 256 << 30

PEOPLE_FILES = ("users.json", "org_users.json")
#: The files that list conversations, and what they list.
CONVERSATION_FILES = {"channels.json": "channel", "groups.json": "group", "dms.json": "dm", "mpims.json": "mpim"}

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json\Z")
_FORM = "users.json and channels.json at its top, and a folder a conversation with a JSON file a day"


class UnusableExport(Exception):
    """The file can't be imported; the text is one sentence for the person who gave it."""


class Archive:
    """An open export. `days` maps a conversation's folder to its day files, `others` names what is not read."""

    def __init__(self, path: Path) -> None:
        """Open and vet a zip; raises UnusableExport before anything of it was unpacked."""
        try:
            self._file: IO[bytes] = path.open("rb")
        except OSError as error:
            raise UnusableExport(f"{path} can't be opened: {error.strerror}.") from error
        try:
            self._zip = zipfile.ZipFile(self._file)
            _vet(self._zip.infolist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            self._file.close()
            raise UnusableExport(f"{path.name} is not a zip file; a Slack export is a zip with {_FORM}.") from error
        except UnusableExport:
            self._file.close()
            raise
        self.sha256 = _sha256(self._file)
        self.days: dict[str, list[str]] = defaultdict(list)
        self.others: list[str] = []
        self.tops: set[str] = set()
        for name in self._zip.namelist():
            self._place(name)

    def _place(self, name: str) -> None:
        folder, _, file = name.rpartition("/")
        if not file:
            return
        if name in PEOPLE_FILES or name in CONVERSATION_FILES:
            self.tops.add(name)
        elif folder and "/" not in folder and _DAY.match(file):
            self.days[folder].append(name)
        else:
            self.others.append(name)

    def read(self, member: str) -> bytes:
        """Unpack one member; raises UnusableExport where its bytes are damaged."""
        try:
            return self._zip.read(member)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise UnusableExport(
                f"{member} in the zip is damaged ({error}); download the export from Slack again."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()
        self._file.close()


def _sha256(file: IO[bytes]) -> str:
    place = file.tell()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(place)
    return digest


def _vet(members: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        _vet_name(member)
        if member.filename in seen:
            raise UnusableExport(f"The zip holds {member.filename} twice; in a Slack export each file is there once.")
        seen.add(member.filename)
        _vet_size(member.filename, member.file_size, member.compress_size, MAX_MEMBER)
    _vet_size("all of the zip", sum(m.file_size for m in members), sum(m.compress_size for m in members), MAX_TOTAL)
    _vet_contents(seen)


def _vet_name(member: zipfile.ZipInfo) -> None:
    # What the zip itself says: ZipInfo cuts a name at a NUL.
    name = member.orig_filename
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        raise UnusableExport(
            f"The zip holds the path {name!r}, which leads outside of it; a Slack export has only plain paths."
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnusableExport(f"The zip holds {name!r} as a symbolic link; a Slack export has only plain files.")
    if member.flag_bits & 1:
        raise UnusableExport(f"{name} in the zip is encrypted; unpack it with its password and zip it again without.")


def _vet_size(name: str, size: int, packed: int, limit: int) -> None:
    if size > limit:
        raise UnusableExport(f"{name} would unpack to {size // MIB:,} MiB; at most {limit // MIB:,} are read.")
    if size > RATIO_MATTERS_FROM and size > MAX_RATIO * packed:
        raise UnusableExport(
            f"{name} would unpack to more than {MAX_RATIO} times its size, as a zip bomb does;"
            " a Slack export unpacks to some ten times."
        )


def _vet_contents(names: set[str]) -> None:
    if not names.intersection(PEOPLE_FILES):
        below = next((n for n in sorted(names) if n.endswith("/users.json")), None)
        if below:
            raise UnusableExport(
                f"users.json is inside a folder of the zip ({below}); zip that folder's contents, not the folder."
            )
        raise UnusableExport(f"There is no users.json in the zip; a Slack export has {_FORM}.")
    if not names.intersection(CONVERSATION_FILES):
        raise UnusableExport(
            f"There is none of {', '.join(CONVERSATION_FILES)} in the zip; a Slack export has {_FORM}."
        )
