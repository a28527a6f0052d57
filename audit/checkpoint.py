"""A checkpoint: where the trail ended at an instant, signed. One line of canonical JSON that stands by itself."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import canonical, signatures

VERSION = 1
#: A line of a file that is longer is no checkpoint (characters).
LONGEST_LINE = 4096


class Malformed(Exception):
    """What was read is no checkpoint; the text is a whole sentence."""


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint. `entries` is the number of the last entry, `hash` the last link's in hexadecimal."""

    version: int
    workspace: str
    at: str
    seq: int
    entries: int
    hash: str
    public_key: str
    fingerprint: str
    signature: str = ""

    def signed(self, key: Ed25519PrivateKey) -> "Checkpoint":
        """Give it with the key's signature."""
        signature = signatures.sign(key, signatures.CHECKPOINT, self._unsigned())
        return Checkpoint(**self._unsigned(), signature=signatures.encode(signature))

    def is_authentic(self) -> bool:
        """Tell whether it is signed with the key that it names; whose key that is, is another question."""
        try:
            key, signature = signatures.decode(self.public_key), signatures.decode(self.signature)
        except ValueError:
            return False
        is_named = signatures.fingerprint(key) == self.fingerprint
        return is_named and signatures.is_signed(key, signatures.CHECKPOINT, self._unsigned(), signature)

    def line(self) -> str:
        """Write it as one line of canonical JSON, without the line feed."""
        return canonical.encode(asdict(self))

    def _unsigned(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "signature"}


def parse(line: str) -> Checkpoint:
    """Read one line; raises Malformed."""
    try:
        read = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Malformed("it is no JSON.") from error
    known = {field.name: field.type for field in fields(Checkpoint)}
    if not isinstance(read, dict) or set(read) != set(known):
        raise Malformed(f"it has not exactly the fields {', '.join(known)}.")
    for name, kind in known.items():
        if type(read[name]) is not kind:
            raise Malformed(f"its {name} is of the wrong type.")
    if read["version"] != VERSION:
        raise Malformed(f"it is of version {read['version']}, and this Parley reads version {VERSION}.")
    try:
        UUID(read["workspace"])
    except ValueError as error:
        raise Malformed("its workspace is no UUID.") from error
    return Checkpoint(**read)


def parse_lines(lines: Iterable[str]) -> Iterator[Checkpoint]:
    """Read a file of checkpoints, a line each; raises Malformed with the number of the line."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield parse(line if len(line) <= LONGEST_LINE else "")
            except Malformed as error:
                raise Malformed(f"Line {number} is no checkpoint: {error}") from error
