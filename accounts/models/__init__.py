"""What accounts keep, a facet a file."""

from accounts.models.approval import Approval
from accounts.models.barrier import Barrier, Segment, SegmentMember
from accounts.models.factor import AuthenticatorApp, Passkey, RecoveryCodes
from accounts.models.invitation import Acceptance, Invitation
from accounts.models.link import PersonLink
from accounts.models.mailed_link import MailedLink
from accounts.models.notice import NoticeAcceptance
from accounts.models.outgoing_mail import OutgoingMail
from accounts.models.person import User, UserManager, username_validator
from accounts.models.person_import import PersonImport
from accounts.models.revocation import Revocation
from accounts.models.role import Attestation, Grant, Recertification, Role
from accounts.models.session import DeviceSession
from accounts.models.setting import Setting
from accounts.models.token import Token

__all__ = [
    "Acceptance",
    "Approval",
    "Attestation",
    "AuthenticatorApp",
    "Barrier",
    "DeviceSession",
    "Grant",
    "Invitation",
    "MailedLink",
    "NoticeAcceptance",
    "OutgoingMail",
    "Passkey",
    "PersonImport",
    "PersonLink",
    "Recertification",
    "RecoveryCodes",
    "Revocation",
    "Role",
    "Segment",
    "SegmentMember",
    "Setting",
    "Token",
    "User",
    "UserManager",
    "username_validator",
]
