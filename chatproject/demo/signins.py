"""The demo's people and their passwords, which are generated, kept under the data folder and shown at every start."""

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from chatproject.up import private_file

#: Their names, and the roles by which one can look at every side of Parley.
PEOPLE = {
    "alice": ("Alice Archer", "owner"),
    "bob": ("Bob Baker", "administrator"),
    "carol": ("Carol Chen", "officer"),
}

#: Nothing that looks like something else: these are typed from a terminal.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def path(data: Path) -> Path:
    """Name the file; that it is there makes the workspace a demo."""
    return data / "demo.json"


@dataclass
class SignIns:
    """A password for each username, and whether the workspace has been filled to the end."""

    passwords: dict[str, str] = field(default_factory=dict)
    is_complete: bool = False

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """Read what an earlier start kept; None where the workspace is no demo."""
        try:
            return cls(**json.loads(path(data).read_text()))
        except FileNotFoundError:
            return None

    @classmethod
    def make(cls, data: Path) -> Self:
        """Generate the passwords and keep them."""
        made = cls({username: "".join(secrets.choice(_LETTERS) for _ in range(12)) for username in PEOPLE})
        made.keep(data)
        return made

    def keep(self, data: Path) -> None:
        """Write them down, for nobody else to read."""
        private_file.write(path(data), json.dumps({"passwords": self.passwords, "is_complete": self.is_complete}))
