"""schemathesis calls all that the OpenAPI document describes, as a member: no fault of ours, nothing undescribed.

For longer, by hand: `EXAMPLES=300 SEED=7 make test ARGS="-s -k every_call"`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from accounts.actor import shell
from accounts.models import User
from messaging import user_groups
from messaging.api.wire import COMPONENTS
from tests.messaging.api.calls import Caller
from tests.serving import Server
from tests.worlds import add, bearer, channel, delete, direct, done, edit, own_log, person, pin, react, say

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
#: There is never such a one.
NONE = 10**8


def test_every_call_answers_as_described(site: Server, tmp_path: Path) -> None:
    token, document = _world()
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document))
    is_long = "EXAMPLES" in os.environ
    argv = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(path), "--url", site.url),
        *("-H", f"Authorization: Bearer {token}", "--checks", CHECKS, "--seed", os.environ.get("SEED", "1")),
        *("-n", os.environ.get("EXAMPLES", "4"), "--phases", "coverage,fuzzing" if is_long else "fuzzing"),
        *("--exclude-path-regex", "/events/(stream|poll)", "--no-shrink", "--continue-on-failure"),
        *("--request-timeout", "20", "--no-color", "--warnings", "off"),
    ]
    run = subprocess.run(argv, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=3600)
    print(run.stdout[-2000:])
    assert run.returncode == 0, run.stdout[-8000:]


def _world() -> tuple[str, dict[str, Any]]:
    """Make a member with something of everything, and the document with numbers of what there is in it."""
    alice, bob, carol, mallory = [person(name) for name in ("alice", "bob", "carol", "mallory")]
    room = channel(alice, bob, name="fuzzed")
    target = say(alice, room, f"<@{bob.pk}> words")
    say(bob, room, "reply", thread=target)
    for command in (edit(alice, room, target, "others"), react(bob, room, target), pin(alice, room, target)):
        done(command)
    done(delete(alice, room, say(alice, room, "gone")))
    public, beside = channel(bob, name="public", is_private=False), channel(alice, name="beside")
    add(alice, beside, carol)
    token = bearer(alice)
    hers = Caller(token=token)
    assert hers.post(f"/conversations/{room}/bans", {"user": mallory.pk}).status == 201
    document = hers.get("/schema/").body
    conversations = [room, public, beside, direct(alice, bob), own_log(alice), NONE]
    numbers = {
        "conversation": conversations,
        "user": [bob.pk, carol.pk, mallory.pk, NONE],
        "seq": [*range(1, 8), NONE],
        "group": [_user_group(bob), NONE],
    }
    for verbs in document["paths"].values():
        for operation in verbs.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["schema"] = _some(numbers[parameter["name"]])
    for name, component in document["components"]["schemas"].items():
        if name.startswith("New") or name in _spoken():
            for field, values in numbers.items():
                if field in component["properties"]:
                    component["properties"][field] = _some(values)
    return token, document


def _user_group(member: User) -> int:
    made = user_groups.make(shell("tests"), f"fuzzed-{member.pk}", "Fuzzed")
    user_groups.move(shell("tests"), made, add=[member.pk])
    return int(made.pk)


def _some(values: list[int]) -> dict[str, Any]:
    return {"enum": values}


def _spoken() -> set[str]:
    """Name the components of what a client says."""
    mapping = COMPONENTS["Said"]["properties"]["frames"]["items"]["discriminator"]["mapping"]
    return {reference.rpartition("/")[2] for reference in mapping.values()}
