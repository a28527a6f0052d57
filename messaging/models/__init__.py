"""The tables of what is said: the log, what is folded from it, and where imports came from."""

from messaging.models.conversation import Conversation, Head
from messaging.models.event import Event, Source
from messaging.models.imports import SlackKey
from messaging.models.membership import Membership, Mention, Receipt
from messaging.models.personal import PersonalState, ThreadFollow
from messaging.models.state import MessageState

__all__ = [
    "Conversation",
    "Event",
    "Head",
    "Membership",
    "Mention",
    "MessageState",
    "PersonalState",
    "Receipt",
    "SlackKey",
    "Source",
    "ThreadFollow",
]
