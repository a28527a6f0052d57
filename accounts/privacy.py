"""What of the accounts is personal (`audit.privacy` has the words)."""

from audit.privacy import (
    ADMINISTRATORS,
    EVERYBODY,
    KEPT_AS_HISTORY,
    KEPT_WITH_ACCOUNT,
    NINETY_DAYS,
    NOT_PERSONAL,
    Basis,
    Declared,
    Processing,
    Retention,
)

_NAMED = Processing("others know who speaks", Basis.CONTRACT, KEPT_WITH_ACCOUNT, EVERYBODY)
_REACHED = Processing(
    "signing in, reset of a password, notifications", Basis.CONTRACT, KEPT_WITH_ACCOUNT, ADMINISTRATORS
)
_LIFE = Processing("whether and how the person may come in", Basis.CONTRACT, KEPT_WITH_ACCOUNT, ADMINISTRATORS)
_PASSWORD = Processing("signing in (an Argon2id hash)", Basis.CONTRACT, KEPT_WITH_ACCOUNT, "nobody")
_ROLES = Processing("who may do what, and who let them", Basis.OBLIGATION, KEPT_AS_HISTORY, ADMINISTRATORS)
_FOUR_EYES = Processing(
    "a deed of two people: who asked, about whom, who approved", Basis.OBLIGATION, KEPT_AS_HISTORY, ADMINISTRATORS
)
_WALLS = Processing(
    "keeps people apart who must not talk",
    Basis.OBLIGATION,
    Retention("until the person leaves the group; the trail keeps that it was so"),
    "administrators and owners",
)
_REVOKED = Processing(
    "every process learns whom to cut off",
    Basis.SECURITY,
    Retention("for good: only ids, and hashes of sessions that are over"),
    "nobody",
)
_SETTING = Processing("who set it last", Basis.OBLIGATION, Retention("until it is set anew"), ADMINISTRATORS)
_IMPORT = Processing(
    "a file of people, looked at before it is imported, and who handed it in",
    Basis.CONTRACT,
    Retention("the file until it is imported; what came of it as history"),
    "administrators and owners",
)
_LINKED = Processing("two accounts are one person's", Basis.OBLIGATION, KEPT_AS_HISTORY, "administrators and owners")
_INVITED = Processing(
    "who was invited, by whom, to what, and came", Basis.CONTRACT, KEPT_AS_HISTORY, "administrators and owners"
)
_MAILED = Processing(
    "a link proves that somebody reads an address (the link itself is kept as a hash only)",
    Basis.CONTRACT,
    Retention("30 days after it ran out", days=30),
    "nobody",
)
_OUTGOING = Processing(
    "a mail on its way to the mail server, or the wish for one: address, words and links, sealed",
    Basis.CONTRACT,
    Retention("until the mail server has it; a day at most", days=1),
    "nobody",
)
_NOTICE = Processing(
    "who was told of monitoring, in which version, and when", Basis.OBLIGATION, KEPT_AS_HISTORY, ADMINISTRATORS
)
_DEVICE = Processing(
    "the person sees where they are signed in, and signs out what is not theirs",
    Basis.SECURITY,
    NINETY_DAYS,  # after its end
    ADMINISTRATORS,
)
_FACTOR = Processing(
    "shows who signs in beyond a password (secrets are sealed, recovery codes kept as hashes)",
    Basis.SECURITY,
    Retention("until the person removes it, or it is reset"),
    "the person; administrators whether there is one",
)
_TOKEN = Processing(
    "programs act for the person (the token itself is kept as a hash only)",
    Basis.CONTRACT,
    KEPT_WITH_ACCOUNT,
    ADMINISTRATORS,
)

DECLARED: Declared = {
    "User": {
        "id username name": _NAMED,
        "email email_verified_at": _REACHED,
        "password": _PASSWORD,
        "is_active is_guest invited_by created_at imported_at last_login last_active_at": _LIFE,
        "suspended_at deactivated_at muted_until privileges_changed_at is_factor_exempt": _LIFE,
        "kind": NOT_PERSONAL,
    },
    "DeviceSession": {
        "user session_key subject device address place by created_at last_used_at keyed_at ended_at ended_by": _DEVICE,
    },
    "AuthenticatorApp": {
        "user name created_at last_used_at sealed last_step "
        "throttling_failure_timestamp throttling_failure_count": _FACTOR,
        "id confirmed key_id": NOT_PERSONAL,
    },
    "Passkey": {
        "user name created_at last_used_at credential_id public_key sign_count user_handle transports "
        "relying_party is_backed_up spent": _FACTOR,
        "id confirmed": NOT_PERSONAL,
    },
    "RecoveryCodes": {
        "user created_at last_used_at digests throttling_failure_timestamp throttling_failure_count": _FACTOR,
        "id name confirmed": NOT_PERSONAL,
    },
    "Token": {
        "user name scopes created_at expires_at revoked_at last_used_at": _TOKEN,
        "id digest": NOT_PERSONAL,
    },
    "Revocation": {"subject at": _REVOKED, "seq kind": NOT_PERSONAL},
    "Grant": {
        "user role granted_by granted_at effective_at ended_at ended_by": _ROLES,
        "id": NOT_PERSONAL,
    },
    "Role": {"id name title verbs created_at": NOT_PERSONAL},
    "Recertification": {"id quarter opened_at due_at closed_at": NOT_PERSONAL},
    "Attestation": {
        "grant answer attested_by attested_at": _ROLES,
        "id recertification": NOT_PERSONAL,
    },
    "Approval": {
        "request reason requester subject requested_at decided_by decided_at state": _FOUR_EYES,
        "id verb digest lapses_at": NOT_PERSONAL,
    },
    "Segment": {"id name": NOT_PERSONAL},
    "SegmentMember": {"segment user since": _WALLS, "id": NOT_PERSONAL},
    "Barrier": {"id one other reason raised_at": NOT_PERSONAL},
    "Invitation": {
        "email user invited_by role conversations created_at": _INVITED,
        "id digest uses expires_at revoked_at": NOT_PERSONAL,
    },
    "Acceptance": {"invitation user at": _INVITED, "id": NOT_PERSONAL},
    "MailedLink": {"user email purpose created_at used_at": _MAILED, "id digest expires_at": NOT_PERSONAL},
    "OutgoingMail": {"sealed template created_at": _OUTGOING, "id key_id due_at attempts": NOT_PERSONAL},
    "NoticeAcceptance": {"user version at": _NOTICE, "id": NOT_PERSONAL},
    "PersonImport": {
        "uploaded_by uploaded_at filename content faults detail": _IMPORT,
        "id sha256 is_inviting state rows fault_count created joined finished_at": NOT_PERSONAL,
    },
    "PersonLink": {"one other reason linked_by linked_at": _LINKED, "id": NOT_PERSONAL},
    "Setting": {"changed_by changed_at": _SETTING, "name value": NOT_PERSONAL},
}
