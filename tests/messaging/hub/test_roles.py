"""Roles in a conversation over the socket: every command × role × membership."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from messaging.rights import VERBS
from tests import worlds
from tests.messaging.api.test_roles import PLACES, ROLES
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import built


def place(who: User, place: str) -> tuple[int, int, int]:
    """Make a channel in which somebody has a place; gives it with a member's message and the owner's."""
    owner, member = worlds.person("olga"), worlds.person("bob")
    conversation = worlds.channel(owner, member)
    if place != "outsider":
        worlds.add(owner, conversation, who, place.rsplit(maxsplit=1)[-1])
    theirs, owners = (worlds.say(each, conversation, "words") for each in (member, owner))
    if place.startswith("removed"):
        worlds.remove(owner, conversation, who)
    return conversation, theirs, owners


KINDS: dict[str, dict[str, Any]] = {"person": {}, "guest": {"is_guest": True}, "bot": {"kind": "bot"}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", [each for each in PLACES if not each.startswith("deactivated")])
async def test_every_command_is_allowed_or_refused_as_the_table_says(site: Server, where: str, kind: str) -> None:
    """What somebody is in the workspace changes nothing: a guest who was invited talks as a member does."""
    who = await built(worlds.person, "alice", **KINDS[kind])
    conversation, theirs, owners = await built(place, who, where)
    async with Talker(site.socket_url, await built(worlds.bearer, who)) as talker:
        await talker.hello()

        async def tried(type: str, **fields: object) -> tuple[str, int]:
            id = str(uuid4())
            await talker.put(type, id=id, conversation=conversation, **fields)
            await talker.until(
                lambda: any(f.get("id") == id and f["type"] in ("ack", "error") for f in talker.frames), type
            )
            (answer,) = (f for f in talker.frames if f.get("id") == id and f["type"] in ("ack", "error"))
            return ("done", answer["seq"]) if answer["type"] == "ack" else (answer["code"], 0)

        posted, own = await tried("send", body="mine")
        answers = {
            "post": posted,
            "edit own": (await tried("edit", seq=own or theirs, body="better"))[0],
            "react": (await tried("react", seq=theirs, emoji="👍", on=True))[0],
            "delete own": (await tried("delete", seq=own or theirs))[0],
            "delete others'": (await tried("delete", seq=owners))[0],
        }
        others = (await tried("edit", seq=theirs, body="words in somebody's mouth"))[0]
    for verb, answer in answers.items():
        expected = "not_found" if where not in ROLES else "done" if where in VERBS[verb] else "forbidden"
        assert answer == expected, verb
    assert others == ("forbidden" if where in ROLES else "not_found")  # nobody edits what others said
