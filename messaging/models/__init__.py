"""The tables of what is said: the log, what is folded from it, and where imports came from."""

from messaging.models.conversation import Conversation, Head
from messaging.models.event import Event, Source
from messaging.models.imports import SlackKey
from messaging.models.membership import Ban, Membership, Mention, Pace, Receipt
from messaging.models.personal import PersonalState, ThreadFollow
from messaging.models.report import Report, ReportStep
from messaging.models.state import MessageState
from messaging.models.user_group import UserGroup, UserGroupMember

__all__ = [
    "Ban",
    "Conversation",
    "Event",
    "Head",
    "Membership",
    "Mention",
    "MessageState",
    "Pace",
    "PersonalState",
    "Receipt",
    "Report",
    "ReportStep",
    "SlackKey",
    "Source",
    "ThreadFollow",
    "UserGroup",
    "UserGroupMember",
]
