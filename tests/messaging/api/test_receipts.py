"""`GET /conversations/ID/receipts`: how many have received and read it, and in a small conversation who and when."""

from accounts.models import User
from messaging import database
from messaging.models import Receipt
from messaging.protocol import limits
from messaging.receipts import ADVANCE
from tests.messaging.api.calls import Caller
from tests.worlds import add, channel, group, person, remove, say


def advance(conversation: int, user: User, *, read: int = 0, delivered: int = 0) -> None:
    """Write down how far somebody is, as a hub does."""
    params = {"people": [user.pk], "conversations": [conversation], "reads": [read], "delivered": [delivered]}
    database.rows(ADVANCE, params)


def receipts(user: User, conversation: int, seq: int) -> dict[str, object]:
    answer = Caller(user).get(f"/conversations/{conversation}/receipts", seq=seq)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_who_has_received_and_read_it_and_when():
    alice, bob, carol, dan = (person(name) for name in ("alice", "bob", "carol", "dan"))
    conversation = channel(alice, bob, carol, dan)
    first, second = say(alice, conversation, "first"), say(alice, conversation, "second")
    for user, positions in ((bob, {"delivered": first}), (bob, {"read": first}), (bob, {"read": second})):
        advance(conversation, user, **positions)
    advance(conversation, carol, delivered=second)
    rows = list(Receipt.objects.filter(conversation_id=conversation).order_by("id").values_list("at", flat=True))
    times = [at.isoformat().replace("+00:00", "Z") for at in rows]
    told = receipts(alice, conversation, first)
    assert told == {
        "seq": first,
        "members": 3,
        "delivered": 2,
        "read": 1,
        "receipts": [
            {"user": bob.pk, "delivered_at": times[0], "read_at": times[1]},
            {"user": carol.pk, "delivered_at": times[3]},
        ],
    }
    assert receipts(dan, conversation, second)["receipts"] == [
        {"user": bob.pk, "delivered_at": times[2], "read_at": times[2]},
        {"user": carol.pk, "delivered_at": times[3]},
    ]
    last = Caller(bob).get(f"/conversations/{conversation}/receipts").body
    assert (last["seq"], last["read"]) == (second, 1)


def test_who_cannot_see_it_is_not_counted_and_is_told_nothing():
    alice, bob, carol = (person(name) for name in ("alice", "bob", "carol"))
    conversation = group(alice, bob)
    seq = say(alice, conversation, "before carol came")
    add(alice, conversation, carol)
    assert receipts(alice, conversation, seq)["members"] == 1
    hers = Caller(carol)
    for asked in (seq, 10**6):
        assert hers.get(f"/conversations/{conversation}/receipts", seq=asked).refusal == (404, "not_found")
    remove(alice, conversation, bob)
    assert receipts(alice, conversation, seq)["members"] == 0
    assert Caller(bob).get(f"/conversations/{conversation}/receipts", seq=seq).refusal == (404, "not_found")


def test_above_the_bound_there_are_only_counts():
    alice, bob = person("alice"), person("bob")
    others = [person("one") for _ in range(limits.NAMED_RECEIPTS - 1)]
    conversation = channel(alice, bob, *others)
    seq = say(alice, conversation, "to all")
    advance(conversation, bob, read=seq)
    assert receipts(alice, conversation, seq) == {"seq": seq, "members": 200, "delivered": 1, "read": 1}
    remove(alice, conversation, others[0])
    assert len(receipts(alice, conversation, seq)["receipts"]) == 1  # type: ignore[arg-type]


def test_a_seq_that_is_no_number_is_malformed():
    alice = person("alice")
    assert Caller(alice).get(f"/conversations/{channel(alice)}/receipts", seq="x").refusal == (400, "malformed")
