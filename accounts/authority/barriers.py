"""Barriers (ethical walls): segments of people who must not talk to each other. A change wants four eyes."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.authority import approvals
from accounts.models import Approval, Barrier, Segment, SegmentMember, User
from accounts.refusal import Refusal
from audit import trail

#: Most people that one change moves.
PEOPLE = 1000


def walled(one: str, other: str) -> str:
    """Write the SQL that tells whether two people, given as expressions, are on two sides of a barrier."""
    return f"""exists (
        select 1 from segment_member sa join barrier w on sa.segment_id in (w.one_id, w.other_id)
        join segment_member sb on sb.segment_id = case when sa.segment_id = w.one_id then w.other_id else w.one_id end
        where sa.user_id = {one} and sb.user_id = {other})"""


def across(person: int | None) -> QuerySet[SegmentMember, Any]:
    """Give the ids of those who are across a barrier from somebody, for a subquery."""
    mine = SegmentMember.objects.filter(user=person).values("segment")
    ones, others = Barrier.objects.filter(one__in=mine), Barrier.objects.filter(other__in=mine)
    beyond = Q(segment__in=ones.values("other")) | Q(segment__in=others.values("one"))
    return SegmentMember.objects.filter(beyond).values("user")


def segment(actor: Actor, name: str) -> Segment:
    """Make a segment, with nobody in it yet. Raises Refusal where there is one of the name."""
    rights.require(actor, "barrier.change")
    name = name.strip()
    if not name or len(name) > 64 or "\x00" in name:
        raise Refusal("malformed", _("A segment needs a name of 1 to 64 characters."), field="name")
    with transaction.atomic():
        made, is_new = Segment.objects.get_or_create(name=name)
        if not is_new:
            raise Refusal("malformed", _("There is a segment of that name already."), field="name")
        after = {"title": name}
        trail.record(actor=actor.id, verb="segment.make", target=f"segment:{made.pk}", after=after, origin=actor.origin)
    return made


def ask_barrier(actor: Actor, one: Segment, other: Segment, *, is_raised: bool, reason: str) -> Approval:
    """Ask for a barrier between two segments to be raised or lifted."""
    if one.pk == other.pk:
        raise Refusal("malformed", _("A barrier stands between two different segments."), field="other")
    if _between(one.pk, other.pk).exists() == is_raised:
        standing = _("This barrier stands already.") if is_raised else _("There is no such barrier.")
        raise Refusal("malformed", standing)
    low, high = sorted([one.pk, other.pk])
    request = {"change": "raise" if is_raised else "lift", "one": low, "other": high}
    return approvals.ask(actor, "barrier.change", request, subject=None, reason=reason)


def ask_members(
    actor: Actor, into: Segment, *, add: Sequence[int] = (), remove: Sequence[int] = (), reason: str
) -> Approval:
    """Ask for people to be put into a segment, or taken out of it."""
    people = sorted({*add, *remove})
    if not people:
        raise Refusal("malformed", _("Name at least one person."), field="people")
    if len(people) > PEOPLE:
        raise Refusal("malformed", _("At most %s people in one change.") % PEOPLE, field="people")
    absent = set(people) - set(User.objects.filter(pk__in=people).values_list("pk", flat=True))
    if absent:
        raise Refusal("malformed", _("There is nobody with the id %s.") % min(absent), field="people")
    request = {"change": "members", "segment": into.pk, "add": sorted(set(add)), "remove": sorted(set(remove))}
    return approvals.ask(actor, "barrier.change", request, subject=None, reason=reason)


def carry_out(approval: Approval, actor: Actor) -> None:
    """Do a change that was approved. Nobody decides on the walls around oneself."""
    request = approval.request
    if _is_about(request, actor.id):
        raise Refusal("forbidden", _("This is about you: somebody else has to approve it."))
    if request["change"] == "members":
        SegmentMember.objects.bulk_create(
            [SegmentMember(segment_id=request["segment"], user_id=user) for user in request["add"]],
            ignore_conflicts=True,
        )
        SegmentMember.objects.filter(segment_id=request["segment"], user_id__in=request["remove"]).delete()
        target = f"segment:{request['segment']}"
    elif request["change"] == "raise":
        Barrier.objects.get_or_create(
            one_id=request["one"], other_id=request["other"], defaults={"reason": approval.reason}
        )
        target = f"barrier:{request['one']}-{request['other']}"
    else:
        _between(request["one"], request["other"]).delete()
        target = f"barrier:{request['one']}-{request['other']}"
    trail.record(
        actor=approval.requester_id,
        verb="barrier.change",
        target=target,
        after={key: value for key, value in request.items() if value} | {"approval": approval.pk},
        origin=actor.origin,
    )


def _is_about(request: dict[str, Any], person: int | None) -> bool:
    """Tell whether a change moves somebody, or a wall of a segment that the person is in."""
    if request["change"] == "members":
        return person in (*request["add"], *request["remove"])
    return SegmentMember.objects.filter(user=person, segment__in=[request["one"], request["other"]]).exists()


def _between(one: int, other: int) -> Any:
    return Barrier.objects.filter(Q(one=one, other=other) | Q(one=other, other=one))
