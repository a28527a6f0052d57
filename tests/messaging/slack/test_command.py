"""`manage.py import_slack`, from the shell: what it prints, how it ends, and that it goes on after `kill -9`."""

import subprocess
import sys
import time
from pathlib import Path

from django.db import transaction

from chatproject.places import ROOT
from messaging.database import rows
from tests.messaging.slack.exports import Export, channel, said, two_people, user

#: Lock the channel of an export, once it is made.
HEAD = """
select from head h where conversation_id in (select object_id from slack_key where team = %s) for update
"""


def start(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "manage.py", "import_slack", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*arguments: object) -> tuple[int, str, str]:
    process = start(*arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_a_report(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    export.add("general/2024-01-01.json", said("U1", "1704067200.000001", "hi"), said("U1", "1704067200.000002", ""))
    code, out, err = run(export.write(), "--by", "the operator")
    assert (code, out.splitlines()[:-1]) == (
        0,
        [
            "people: 2 persons",
            "general: 1 messages, 2 joins",
            "not taken: 1 × a message without text (general/2024-01-01.json 1704067200.000002)",
            "1 of 2 records taken",
        ],
    )
    assert "general: 2 of 2" in err
    assert rows("select imported_by from source order by id desc limit 1") == [("the operator",)]


def test_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"no zip")
    code, out, err = run(path)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert err.startswith("CommandError: x.zip is not a zip file")


def test_killed_in_the_middle(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.add("users.json", user("U1", f"kim-{export.team}"))
    export.add("channels.json", channel("C1", "general", "U1"))
    count = 5_000
    export.add(
        "general/2024-01-01.json", *(said("U1", f"{1_704_067_200 + n}.000000", f"words {n}") for n in range(count))
    )
    path = export.write()
    process = start(path)
    written = "select count(*) from event e join slack_key k on k.object_id = e.conversation_id where team = %s"
    before, deadline = 0, time.monotonic() + 60
    while before < 1000:
        assert time.monotonic() < deadline, "nothing is imported"
        with transaction.atomic():  # between two of its batches, since it needs this lock for each
            rows(HEAD, [export.team])
            ((before,),) = rows(written, [export.team])
            if before >= 1000:
                process.kill()
                process.communicate()
        time.sleep(0.001)
    assert rows(written, [export.team]) == [(before,)]
    assert 1000 <= before < count
    assert before % 1000 == 0
    code, out, _ = run(path)
    assert code == 0
    assert f"{count:,} of {count:,} records taken" in out
    assert f"{before:,} events already there" in out
    whole = written.replace("count(*)", "count(*), max(seq), count(distinct seq), count(distinct body)")
    assert rows(whole, [export.team]) == [(count + 1, count + 1, count + 1, count)]
