"""Messages that somebody has reported, and who looks into them."""

from typing import NamedTuple

from accounts.actor import Actor
from accounts.models import User
from messaging import reporting, reviewing
from messaging.models import Report
from messaging.protocol.moderation import NewReport
from tests.accounts.admin.desks import holder
from tests.worlds import acting, channel, person, say


class Case(NamedTuple):
    """A room in which alice has reported what bob said, and a moderator who isn't in it."""

    moderator: User
    alice: User
    bob: User
    room: int
    seq: int
    report: Report

    @property
    def by(self) -> Actor:
        """The moderator, acting."""
        return acting(self.moderator)

    def again(self) -> Report:
        """Read the report anew."""
        return Report.objects.get(pk=self.report.pk)


def reported(by: User, conversation: int, seq: int, note: str = "") -> Report:
    """Report a message."""
    made, _is_new = reporting.report(conversation, seq, by=by.pk, given=NewReport(reason="harassment", note=note))
    return Report.objects.get(pk=made.id)


def case(*, is_claimed: bool = False) -> Case:
    """Make a case of one message."""
    moderator, alice, bob = holder("moderator"), person("alice"), person("bob")
    room = channel(alice, bob)
    seq = say(bob, room, "words")
    report = reported(alice, room, seq, "look at this")
    if is_claimed:
        reviewing.claim(acting(moderator), report)
    return Case(moderator, alice, bob, room, seq, report)
