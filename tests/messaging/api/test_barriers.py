"""Ethical walls: who stands on two sides can't be brought together, look each other up, or go on talking."""

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.authority import approvals, barriers, deeds
from accounts.models import Approval, Barrier, Segment, SegmentMember, User
from accounts.refusal import Refusal
from audit.models import Entry
from messaging import conflicts
from messaging.database import rows
from messaging.models import Conversation, Mention
from messaging.protocol import commands
from tests.messaging.api.calls import Caller
from tests.worlds import (
    acting,
    appointed,
    channel,
    direct,
    done,
    group,
    keep,
    message,
    own_log,
    person,
    put,
    remove,
    say,
)

REASON = "Project Orchid"


def wall(*sides: list[User]) -> tuple[Segment, Segment]:
    """Raise a barrier between two groups of people, asked for by one administrator and approved by another."""
    one, other = appointed("ann", "administrator"), appointed("abe", "administrator")
    segments = []
    for number, side in enumerate(sides):
        made = barriers.segment(acting(one), f"side-{one.pk}-{number}")
        approved(barriers.ask_members(acting(one), made, add=[user.pk for user in side], reason=REASON), other)
        segments.append(made)
    approved(barriers.ask_barrier(acting(one), *segments, is_raised=True, reason=REASON), other)
    return segments[0], segments[1]


def approved(asked: Approval, by: User) -> None:
    """Approve a request as it is."""
    deeds.approve(acting(by), asked, bytes(asked.digest))


def test_nobody_is_brought_together_over_a_wall():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    wall([alice], [bob])
    hers, carols = Caller(alice), Caller(carol)
    for kind in ("direct", "group", "channel"):
        answer = hers.post(
            "/conversations", {"kind": kind, "name": "" if kind == "direct" else "x", "members": [bob.pk]}
        )
        assert answer.refusal == (400, "malformed"), kind
        nobody = hers.post(
            "/conversations", {"kind": kind, "name": "" if kind == "direct" else "x", "members": [10**9]}
        )
        assert answer.body["detail"].replace(str(bob.pk), "N") == nobody.body["detail"].replace(str(10**9), "N")
    together = carols.post("/conversations", {"kind": "group", "name": "x", "members": [alice.pk, bob.pk]})
    assert together.refusal == (403, "forbidden")
    for conversation in (channel(carol, alice), group(carol, alice)):
        assert carols.post(f"/conversations/{conversation}/members", {"user": bob.pk}).refusal == (403, "forbidden")
        assert hers.post(f"/conversations/{conversation}/members", {"user": bob.pk}).refusal == (400, "malformed")
    dave = person("dave")
    conversation = channel(carol, alice)
    assert carols.post(f"/conversations/{conversation}/members", {"user": dave.pk}).status == 201


def test_somebody_behind_a_wall_is_not_in_the_directory():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    wall([alice], [bob])
    for asks, sought, is_there in ((alice, bob, False), (bob, alice, False), (carol, bob, True), (alice, carol, True)):
        caller = Caller(asks)
        found = caller.get("/users", q=sought.username).body["users"]
        assert [each["id"] for each in found] == ([sought.pk] if is_there else [])
        by_id = caller.get("/users", ids=str(sought.pk)).body["users"]
        assert [each["id"] for each in by_id] == ([sought.pk] if is_there else [])


def test_how_somebody_is_is_no_matter_of_who_is_behind_a_wall():
    """Nor of a guest who shares no conversation with them any more; and it ends when it says."""
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    guest = person("guest", is_guest=True)
    channel(bob, alice)  # where the name stands, wall or not
    room = channel(bob, guest)
    status = commands.Status(id=uuid4(), emoji="🌴", text="On leave", until="2999-01-01T00:00:00Z")
    own = own_log(bob)
    keep(bob, own, status)
    wall([alice], [bob])

    def seen(by: User) -> object:
        (shown,) = Caller(by).get("/users", ids=str(bob.pk)).body["users"]
        return shown.get("status")

    told = {"emoji": "🌴", "text": "On leave", "until": "2999-01-01T00:00:00.000000Z"}
    assert [seen(by) for by in (bob, carol, guest, alice)] == [told, told, told, None]
    remove(bob, room, guest)
    assert seen(guest) is None
    keep(bob, own, commands.Status(id=uuid4(), text="Back soon", until="2020-01-01T00:00:00Z"))
    assert seen(carol) is None


def test_what_was_there_before_the_wall():
    """A direct conversation falls silent and can be read, its names too; shared rooms are listed to be mended."""
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    talk, room = direct(alice, bob), channel(carol, alice, bob)
    say(alice, talk, "before the wall")
    one, other = wall([alice], [bob])
    for who in (alice, bob):
        caller = Caller(who)
        assert caller.say(talk, "over the wall").refusal == (403, "forbidden")
        assert [each["body"] for each in caller.get(f"/conversations/{talk}/messages").body["messages"]] == [
            "before the wall"
        ]
    assert [each["id"] for each in Caller(alice).get("/users", ids=str(bob.pk)).body["users"]] == [bob.pk]
    assert Caller(alice).say(direct(alice, carol), "round the wall?").status == 201
    mine = [each for each in conflicts.page(rows, limit=1000) if {each.one, each.other} == {alice.pk, bob.pk}]
    assert sorted(each.conversation for each in mine) == sorted([talk, room])
    seq = say(alice, room, f"hello <@{bob.pk}> and <@{carol.pk}>")
    assert set(Mention.objects.filter(conversation_id=room, seq=seq).values_list("person_id", flat=True)) == {carol.pk}
    ann, abe = appointed("ann", "administrator"), appointed("abe", "administrator")
    approved(barriers.ask_barrier(acting(ann), one, other, is_raised=False, reason=REASON), abe)
    assert Caller(alice).say(talk, "the wall is gone").status == 201


def test_in_one_batch_the_wall_stops_one_and_not_the_other():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    walled, free = direct(alice, bob), direct(alice, carol)
    wall([alice], [bob])
    verdicts = put(message(alice, walled, "no"), message(alice, free, "yes"), message(bob, walled, "no"))
    assert [verdict.code for verdict in verdicts] == ["forbidden", None, "forbidden"]


def test_a_change_wants_four_eyes():
    alice, ann = person("alice"), appointed("ann", "administrator")
    made = barriers.segment(acting(ann), f"side-{ann.pk}")
    asked = barriers.ask_members(acting(ann), made, add=[alice.pk], reason=REASON)
    assert not SegmentMember.objects.filter(segment=made).exists()
    with pytest.raises(Refusal, match="yourself"):
        approved(asked, ann)
    for role in ("moderator", "officer", "auditor"):
        with pytest.raises(Refusal):
            approved(asked, appointed("mallory", role))
    abe = appointed("abe", "administrator")
    approved(asked, abe)
    assert SegmentMember.objects.get(segment=made).user == alice
    entry = Entry.objects.get(target=f"segment:{made.pk}", verb="barrier.change")
    assert entry.after["add"] == [alice.pk]
    approved(barriers.ask_members(acting(ann), made, remove=[alice.pk], reason=REASON), abe)
    assert not SegmentMember.objects.filter(segment=made).exists()


def test_nobody_approves_the_wall_around_oneself():
    ann, abe = appointed("ann", "administrator"), appointed("abe", "administrator")
    made = barriers.segment(acting(ann), f"side-{ann.pk}")
    asked = barriers.ask_members(acting(ann), made, add=[abe.pk], reason=REASON)
    with pytest.raises(Refusal, match="about you"):
        approved(asked, abe)
    assert not SegmentMember.objects.filter(segment=made).exists()
    SegmentMember.objects.create(segment=made, user=abe)
    out = barriers.ask_members(acting(ann), made, remove=[abe.pk], reason=REASON)
    with pytest.raises(Refusal, match="about you"):
        approved(out, abe)
    assert SegmentMember.objects.filter(segment=made, user=abe).exists()


def test_what_cannot_be_asked_for():
    ann = appointed("ann", "administrator")
    one, other = (barriers.segment(acting(ann), f"{side}-{ann.pk}") for side in ("one", "other"))
    for wrong in ("", " ", "x" * 65, one.name, "\x00"):
        with pytest.raises(Refusal):
            barriers.segment(acting(ann), wrong)
    with pytest.raises(Refusal, match="different"):
        barriers.ask_barrier(acting(ann), one, one, is_raised=True, reason=REASON)
    with pytest.raises(Refusal, match="no such barrier"):
        barriers.ask_barrier(acting(ann), one, other, is_raised=False, reason=REASON)
    with pytest.raises(Refusal, match="nobody with the id"):
        barriers.ask_members(acting(ann), one, add=[10**9], reason=REASON)
    with pytest.raises(Refusal, match="At most"):
        barriers.ask_members(acting(ann), one, add=range(1, barriers.PEOPLE + 2), reason=REASON)
    with pytest.raises(Refusal, match="none of your roles"):
        barriers.segment(acting(person("mallory")), f"mine-{ann.pk}")
    with pytest.raises(Refusal, match="at least one"):
        barriers.ask_members(acting(ann), one, reason=REASON)
    with pytest.raises(Refusal):
        barriers.ask_barrier(acting(person("mallory")), one, other, is_raised=True, reason=REASON)
    assert not Barrier.objects.filter(one=one).exists()
    assert not approvals.open_now().filter(requester=ann).exists()


def test_people_on_one_side_talk_freely():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    wall([alice, bob], [carol])
    assert Caller(alice).say(direct(alice, bob), "on our side").status == 201
    assert done(message(alice, group(alice, bob), "all of us"))


@pytest.mark.parametrize("side", [0, 1])
def test_nobody_approves_a_change_of_the_walls_around_oneself(side):
    ann, abe = appointed("ann", "administrator"), appointed("abe", "administrator")
    sides = [[abe], [person("bob")]]
    segments = wall(*(sides if side == 0 else sides[::-1]))
    lift = barriers.ask_barrier(acting(ann), *segments, is_raised=False, reason=REASON)
    with pytest.raises(Refusal, match="about you"):
        approved(lift, abe)
    assert Barrier.objects.filter(one__in=segments, other__in=segments).exists()
    approved(lift, appointed("zoe", "administrator"))


def test_one_wall_is_lifted_and_the_others_stand():
    alice, bob, carol, dave = (person(name) for name in ("alice", "bob", "carol", "dave"))
    one, other = wall([alice], [bob])
    wall([carol], [dave])
    ann, abe = appointed("ann", "administrator"), appointed("abe", "administrator")
    third = barriers.segment(acting(ann), f"third-{ann.pk}")
    approved(barriers.ask_members(acting(ann), third, add=[carol.pk], reason=REASON), abe)
    approved(barriers.ask_barrier(acting(ann), third, one, is_raised=True, reason=REASON), abe)
    approved(barriers.ask_barrier(acting(ann), other, one, is_raised=False, reason=REASON), abe)
    assert Caller(alice).say(direct(alice, bob), "lifted").status == 201
    for who, whom in ((carol, dave), (dave, carol), (alice, carol), (carol, alice)):
        refused = Caller(who).post("/conversations", {"kind": "direct", "members": [whom.pk]})
        assert refused.refusal == (400, "malformed")


def test_who_is_gone_from_a_conversation_stands_in_nobody_s_way():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    room = channel(carol, alice, bob)
    wall([alice], [bob])
    assert [room] == [each.conversation for each in conflicts.page(rows, limit=1000) if each.one == alice.pk]
    Conversation.objects.filter(pk=room).update(archived_at=timezone.now())  # there nobody says anything any more
    assert not [each for each in conflicts.page(rows, limit=1000) if each.conversation == room]
    Conversation.objects.filter(pk=room).update(archived_at=None)
    for who in (bob, alice):
        assert Caller(carol).delete(f"/conversations/{room}/members/{who.pk}").status == 204
        assert not [each for each in conflicts.page(rows, limit=1000) if each.conversation == room]
        if who == bob:
            refused = Caller(carol).post(f"/conversations/{room}/members", {"user": bob.pk})
            assert refused.refusal == (403, "forbidden")
    assert Caller(carol).post(f"/conversations/{room}/members", {"user": bob.pk}).status == 201
    assert not [each for each in conflicts.page(rows, limit=1000) if each.conversation == room]
