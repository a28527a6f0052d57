"""The demo workspace: filled once, also when the first attempt is cut off, and never over somebody's own."""

import json

import httpx
import psycopg
import pytest

from chatproject.demo.fill import TALKS
from tests.parts import wait_until
from tests.up.running import PATIENCE_S, Up

pytestmark = pytest.mark.slow

CHANNELS = {"ubuntu", "mediawiki", "rust", "stripe", "ubuntu-meeting"}


def test_a_fill_that_is_cut_off_goes_on_and_makes_nothing_twice(tmp_path):
    parley = Up(tmp_path / "var", "--demo")
    try:
        parley.spawn()
        wait_until(lambda: "ubuntu: " in parley.said(), "the first channel", PATIENCE_S)
        parley.kill_tree()
        parley.start()
        signins = json.loads((parley.data / "demo.json").read_text())
        assert signins["is_complete"]
        for username, password in signins["passwords"].items():
            assert f"{username}  {password}" in parley.said()
            assert _signs_in(parley, username, password)
        with psycopg.connect(parley.parts()["database"]["app"]) as connection:
            query = "SELECT c.name, c.kind, h.n FROM conversation c JOIN head h ON h.conversation_id = c.id"
            found = connection.execute(query).fetchall()
        assert {name for name, kind, _ in found if kind == "channel"} == CHANNELS
        assert sorted(n for _, kind, n in found if kind != "channel") == sorted(len(talk.lines) for talk in TALKS)
        assert all(n > 1000 for _, kind, n in found if kind == "channel")
    finally:
        parley.__exit__()


def test_a_workspace_with_people_in_it_is_left_alone(up):
    parley = up()
    parley.shell("from accounts.models import User; User.objects.create_user(username='eve', email='eve@example.com')")
    parley.stop()
    parley.options = ("--demo",)
    parley.start()
    assert "This workspace has people in it already" in parley.said()
    assert not (parley.data / "demo.json").exists()


def _signs_in(parley: Up, username: str, password: str) -> bool:
    with httpx.Client(base_url=f"http://127.0.0.1:{parley.port}", follow_redirects=True, timeout=30) as client:
        client.get("/signin/")
        form = {"username": username, "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        client.post("/signin/", data=form)
        return bool(client.get("/api/v1/me").json().get("username") == username)
