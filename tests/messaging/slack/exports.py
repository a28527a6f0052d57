"""Makes Slack exports for the tests, each a workspace of its own."""

import itertools
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_workspaces = itertools.count(1)

Json = dict[str, Any]


def user(id: str, name: str, **fields: Any) -> Json:
    """Make a user of users.json."""
    profile = {"real_name": name.title(), "email": f"{id.lower()}@example.com"} | fields.pop("profile", {})
    return {
        "id": id,
        "name": name,
        "real_name": name.title(),
        "is_bot": False,
        "deleted": False,
        "profile": profile,
    } | fields


def said(user: str, ts: str, text: str, **fields: Any) -> Json:
    """Make a message of a day file."""
    return {"type": "message", "user": user, "ts": ts, "text": text} | fields


def channel(id: str, name: str, *members: str, **fields: Any) -> Json:
    """Make a conversation of channels.json."""
    return {"id": id, "name": name, "created": 1_600_000_000, "creator": members[0], "members": list(members)} | fields


class Export:
    """An export to be: lists of records by file name, written as a zip."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.team = f"T{next(_workspaces):06}{folder.name[-40:]}"
        self.files: dict[str, Any] = {"users.json": [], "channels.json": []}

    def add(self, name: str, *records: Json) -> "Export":
        """Append records to a file of it."""
        self.files.setdefault(name, []).extend(records)
        return self

    def write(self, name: str = "export.zip", raw: Mapping[str, bytes] | None = None) -> Path:
        """Write the zip; `raw` puts bytes in place of JSON."""
        for account in self.files.get("users.json", []):
            account.setdefault("team_id", self.team)
        path = self.folder / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for member, records in self.files.items():
                file.writestr(member, json.dumps(records))
            for member, data in (raw or {}).items():
                file.writestr(member, data)
        return path


def two_people(folder: Path) -> Export:
    """Make the smallest workspace: ann and ben in #general."""
    export = Export(folder)
    export.add("users.json", user("U1", f"ann-{export.team}"), user("U2", f"ben-{export.team}"))
    return export.add("channels.json", channel("C1", "general", "U1", "U2"))
