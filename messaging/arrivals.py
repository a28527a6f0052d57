"""The conversations of who arrives: those of an invitation, and the workspace's channels for everybody."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import workspace
from accounts.actor import Actor
from accounts.models import User
from accounts.people import invitations, signup
from accounts.people.arrival import Details
from accounts.people.invitations import Made
from accounts.refusal import Refusal
from messaging import channels, conversations
from messaging.database import rows
from messaging.protocol import limits
from messaging.protocol.codec import Refused
from messaging.rights import Standing, standing


def invite(actor: Actor, *, conversations: Sequence[int] = (), **invitation: Any) -> Made:
    """Invite somebody to the workspace and to conversations of one's own (see `accounts.people.invitations.invite`).

    Raises Refusal for a conversation to which the inviter may not add people.
    """
    for conversation in conversations:
        if _mine(actor.user, conversation) is None:
            detail = _("You can't add people to the conversation %s: it is not yours, archived, or direct.")
            raise Refusal("forbidden", detail % conversation, field="conversations")
    return invitations.invite(actor, conversations=conversations, **invitation)


def accept(visitor: Actor, token: str, details: Details, *, site: str, email: str = "") -> User:
    """Let somebody in by an invitation, and into its conversations (see `accounts.people.invitations.accept`).

    A conversation to which the inviter may not add this person any more is left out.
    """
    with transaction.atomic():
        user, invitation = invitations.accept(visitor, token, details, site=site, email=email)
        for conversation in invitation.conversations:
            mine = _mine(invitation.invited_by, conversation)
            if mine is not None and invitation.invited_by is not None:
                with suppress(Refused):  # a barrier was raised between the two
                    conversations.add_member(conversation, by=invitation.invited_by.pk, standing=mine, member=user.pk)
        settle(user)
    return user


def sign_up(visitor: Actor, token: str, details: Details) -> User:
    """Let somebody in who signs up, and into the channels for everybody (see `accounts.people.signup.sign_up`)."""
    with transaction.atomic():
        user = signup.sign_up(visitor, token, details)
        settle(user)
    return user


def settle(user: User) -> None:
    """Put a member who has just come into the workspace's channels for who arrives: by the own joining, as anybody may.

    A guest gets none. What is no public channel any more, is archived, or holds somebody behind a barrier is left out.
    """
    if user.is_guest:
        return
    for conversation in workspace.value("default_channels"):
        with suppress(Refused):
            channels.join(int(conversation), user.pk)


def _mine(inviter: User | None, conversation: int) -> Standing | None:
    """Give the inviter's standing where it lets the inviter add people."""
    if inviter is None or not 0 < conversation <= limits.LARGEST_INTEGER:
        return None
    found = standing(rows, conversation, inviter.pk)
    return (
        None if found is None or found.kind == "direct" or found.is_archived or not found.may("add member") else found
    )
