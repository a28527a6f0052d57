"""What is carried out once a second person has approved it."""

from collections.abc import Mapping

from accounts.actor import Actor
from accounts.authority import approvals, barriers, grants
from accounts.factors import reset
from accounts.models import Approval
from accounts.people import email_change

#: For each verb of the table that wants four eyes and can be done here, what does it.
CARRY_OUT: Mapping[str, approvals.CarryOut] = {
    "owner.grant": grants.carry_out,
    "officer.propose": grants.carry_out,
    "person.email": email_change.carry_out,
    "barrier.change": barriers.carry_out,
    "factor.reset": reset.carry_out,
}


def approve(actor: Actor, approval: Approval, seen: bytes) -> None:
    """Approve a request as it was seen, and do what it asks for. Raises Refusal (see `approvals.approve`)."""
    approvals.approve(actor, approval, seen, CARRY_OUT[approval.verb])
