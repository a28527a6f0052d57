"""`manage.py token USERNAME`, as an operator runs it."""

import getpass
import os
import subprocess
import sys

import pytest

from accounts.access.tokens import PREFIX
from accounts.hashing import digest
from accounts.models import Token
from accounts.revocations import deactivate
from audit.models import Entry
from chatproject.places import ROOT
from tests.messaging.api.calls import Caller
from tests.worlds import person


def _token(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "manage.py", "token", *arguments]
    return subprocess.run(argv, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("change", [str, str.upper])
def test_it_prints_a_token_and_nothing_else_and_is_on_the_trail(change):
    alice = person("alice")
    made = _token(change(alice.username))
    assert (made.returncode, made.stderr) == (0, "")
    token = made.stdout.removesuffix("\n")
    assert token.startswith(PREFIX)
    assert not set(token) & set(" \n\t")
    assert Caller(token=token).get("/me").body["id"] == alice.pk
    (entry,) = Entry.objects.filter(verb="token.issue", target=f"user:{alice.pk}")
    assert entry.actor_id is None
    assert entry.origin["os_user"] == getpass.getuser()
    assert entry.origin["command"] == "manage.py token"
    assert token not in str((entry.origin, entry.before, entry.after))


def test_the_token_itself_is_kept_nowhere():
    alice = person("alice")
    token = _token(alice.username).stdout.strip()
    kept = Token.objects.get(user=alice)
    assert bytes(kept.digest) == digest(token)
    assert token.encode() not in bytes(kept.digest)


def test_nobody_of_that_name_and_nobody_active_is_said_in_a_sentence():
    gone = person("gone")
    deactivate(gone)
    for name, sentence in (("no-such-person", "There is no person named"), (gone.username, "is deactivated")):
        refused = _token(name)
        assert refused.returncode == 1
        assert refused.stdout == ""
        assert sentence in refused.stderr
        assert "Traceback" not in refused.stderr
    assert not Entry.objects.filter(target=f"user:{gone.pk}").exists()
