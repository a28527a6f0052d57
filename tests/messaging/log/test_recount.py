"""What is shown as unread is what the logs say, whatever happened in them."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.actor import shell
from messaging import recount, user_groups
from messaging.database import rows
from messaging.models import Membership
from messaging.protocol import commands
from messaging.receipts import ADVANCE
from tests.messaging.api.test_barriers import wall
from tests.worlds import add, age, channel, delete, edit, group, keep, message, own_log, person, put, remove, rule, say

_who, _which = st.integers(0, 2), st.integers(0, 30)
#: What happens: what, by whom, about which message (of those there are).
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "say",
                "mention",
                "all",
                "group",
                "name group",
                "into",
                "briefly",
                "out",
                "reply",
                "reply",
                "name",
                "edit",
                "delete",
                "leave",
                "join",
                "read",
                "seen",
                "follow",
                "unfollow",
            ]
        ),
        _who,
        _which,
    ),
    max_size=25,
)
#: In a group, mentioned in a thread, out of it again, mentioned once more; another comes late.
GROUPS = [
    ("into", 0, 0), ("say", 0, 0), ("name group", 0, 0), ("group", 2, 0), ("out", 0, 0), ("group", 2, 0),
    ("into", 1, 0), ("reply", 0, 0),
]  # fmt: skip
#: Said for a time that is over, one of it deleted before; in a thread too.
OVER = [
    ("say", 0, 0), ("briefly", 1, 0), ("briefly", 1, 1), ("briefly", 0, 1), ("reply", 2, 0), ("delete", 1, 1),
    ("over", 0, 0), ("mention", 1, 0), ("briefly", 1, 0),
]  # fmt: skip
#: Mentioned before a barrier, and after it: by name, by a group, and in a thread.
WALLED = [
    ("into", 1, 0), ("mention", 1, 0), ("group", 1, 0), ("wall", 0, 0), ("mention", 1, 0), ("group", 1, 0),
    ("all", 1, 0), ("name", 1, 0), ("name group", 1, 0), ("reply", 1, 0),
]  # fmt: skip
TWICE = [("twice", 1, 0)]


@settings(max_examples=20, deadline=None)
@given(is_group=st.booleans(), steps=STEPS)
@example(is_group=False, steps=TWICE)
@example(is_group=False, steps=GROUPS)
@example(is_group=False, steps=OVER)
@example(is_group=False, steps=WALLED)
@example(is_group=True, steps=[("say", 1, 0), ("leave", 2, 0), ("reply", 1, 0), ("join", 2, 0), ("reply", 1, 0)])
@example(is_group=True, steps=[("say", 2, 0), ("reply", 1, 0), ("reply", 1, 0), ("delete", 1, 2), ("seen", 2, 1)])
def test_what_is_shown_is_what_the_log_says(is_group: bool, steps: list[tuple[str, int, int]]) -> None:
    """Joins, leaves, rejoins, edits, deletions, mentions, threads, reads: every member's counts, from scratch."""
    people = [person(name) for name in ("alice", "bob", "carol")]
    room = (group if is_group else channel)(*people)
    own = [own_log(user) for user in people]
    duty = user_groups.make(shell("tests"), f"duty-{room}", "On duty")
    said: list[int] = []
    for what, who, which in steps:
        user, other = people[who], people[(who + 1) % 3]
        target = said[which % len(said)] if said else 1
        verdict = None
        match what:
            case "say":
                (verdict,) = put(message(user, room, "words"))
            case "mention":
                (verdict,) = put(message(user, room, f"<@{other.pk}>"))
            case "all":
                (verdict,) = put(message(user, room, "<!channel>"))
            case "group":
                (verdict,) = put(message(user, room, f"<&{duty.pk}>"))
            case "name group":
                (verdict,) = put(message(user, room, f"<&{duty.pk}>", thread=target))
            case "briefly":
                rule(people[0], room, disappears_s=3600)
                (verdict,) = put(message(user, room, f"<@{other.pk}>", **({"thread": target} if which % 2 else {})))
                rule(people[0], room, disappears_s=0)
            case "over":
                age(room, timedelta(hours=2))
            case "wall":
                wall([people[1]], [people[2]])
            case "into":
                user_groups.move(shell("tests"), duty, add=[other.pk])
            case "out":
                user_groups.move(shell("tests"), duty, remove=[other.pk])
            case "twice":
                (verdict,) = put(message(user, room, f"<@{other.pk}> <!here> <!channel>"))
            case "reply":
                (verdict,) = put(message(user, room, "reply", thread=target))
            case "name":
                (verdict,) = put(message(user, room, f"<@{other.pk}>", thread=target))
            case "edit":
                put(edit(user, room, target, f"<@{other.pk}>"))
            case "delete":
                put(delete(user, room, target))
            case "leave" if who and _is_in(room, user.pk):
                remove(people[0], room, user)
            case "join" if who:
                add(people[0], room, user)
            case "read":
                params = {"people": [user.pk], "conversations": [room], "reads": [target], "delivered": [target]}
                rows(ADVANCE, params)
            case "seen":
                keep(user, own[who], commands.Seen(id=uuid4(), where=room, root=target, read=target + which % 3))
            case "follow" | "unfollow":
                on = what == "follow"
                keep(user, own[who], commands.Follow(id=uuid4(), where=room, root=target, on=on))
        if verdict is not None and verdict.code is None:
            said.append(verdict.seq)
    for user in people:
        assert recount.recount(rows, user.pk) == recount.shown(rows, user.pk), user


def _is_in(room: int, user: int) -> bool:
    found = rows(
        "select 1 from membership where conversation_id = %s and person_id = %s and upper_inf(spans)", [room, user]
    )
    return bool(found)


def test_the_command_tells_what_differs():
    alice, bob = person("alice"), person("bob")
    room = channel(alice, bob)
    say(bob, room, "one")
    out = StringIO()
    call_command("recount", alice.username, stdout=out)
    assert out.getvalue() == "1 conversations, each as the log has it.\n"
    Membership.objects.filter(conversation_id=room, person_id=alice.pk).update(read_n=5)
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("recount", alice.username, stdout=out)
    assert f"conversation {room}: shown Counts(unread=0" in out.getvalue()
    with pytest.raises(CommandError, match="nobody"):
        call_command("recount", "nobody-at-all")
