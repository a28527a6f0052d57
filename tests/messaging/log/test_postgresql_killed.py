"""PostgreSQL is killed in the middle of it: what was acknowledged is there, and what was not, once it is sent again."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from chatproject.places import ROOT
from chatproject.up import roles
from messaging.commands import Command
from tests.messaging.log.elsewhere import Elsewhere
from tests.parts import TEMPLATE, Cluster, wait_until

pytestmark = pytest.mark.slow

DATABASE = "parley_killed"
#: So many that a busy machine is not through before the kill.
COMMANDS = 6_000
_WORLD = """
import django
django.setup()
from tests.worlds import channel, person
alice = person("alice")
print(alice.pk, channel(alice))
"""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of the test's own."""
    started = Cluster.start()
    try:
        roles.make_database(started.server, DATABASE, TEMPLATE)
        yield started
    finally:
        started.stop()


def _kill(cluster: Cluster) -> None:
    """Kill the server and all its sessions at once, as a power cut would."""
    server = psutil.Process(cluster.process.pid)
    doomed = [server, *server.children(recursive=True)]
    for process in doomed:
        process.kill()
    cluster.process.wait(30)
    psutil.wait_procs(doomed, 30)


def test_every_ack_holds_and_every_id_is_in_the_log_once(cluster):
    environment = cluster.environment(DATABASE)
    world = subprocess.run(
        [sys.executable, "-c", _WORLD], cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, check=True
    )
    alice, conversation = map(int, world.stdout.split())
    commands = [Command(conversation=conversation, author=alice, kind="message", body=f"{i}") for i in range(COMMANDS)]
    dsn = cluster.server.dsn("app", DATABASE)

    def count() -> int:
        with psycopg.connect(dsn) as looker:
            found = looker.execute("select seq from head where conversation_id = %s", [conversation]).fetchone()
        return found[0] if found else 0

    with Elsewhere(**environment) as writer:
        writer.start(commands)
        wait_until(lambda: count() > 100, "the first messages")
        _kill(cluster)
        cluster._run()
        assert count() < COMMANDS + 1, "it was through before it was killed"
        acks = writer.verdicts()

    with psycopg.connect(dsn) as looker:
        log = looker.execute(
            "select seq, id from event where conversation_id = %s order by seq", [conversation]
        ).fetchall()
    assert [seq for seq, _id in log] == list(range(1, COMMANDS + 2))
    seqs = {id: seq for seq, id in log}
    assert [seqs[command.id] for command in commands] == [ack.seq for ack in acks]
