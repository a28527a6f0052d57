"""What of the conversations is personal (`audit.privacy` has the words)."""

from audit.privacy import (
    EVERYBODY,
    KEPT_AS_HISTORY,
    KEPT_WITH_RECORD,
    NOT_PERSONAL,
    THE_PERSON,
    THE_ROOM,
    Basis,
    Declared,
    Processing,
    Retention,
)

_SAID = Processing("what was said, by whom and when", Basis.WORK, KEPT_WITH_RECORD, THE_ROOM)
_STATE = Processing("the present state of what was said", Basis.WORK, KEPT_WITH_RECORD, THE_ROOM)
_ROOM = Processing("what a conversation is called and about", Basis.WORK, KEPT_WITH_RECORD, THE_ROOM)
_MEMBER = Processing("who may read what, and in which role", Basis.WORK, KEPT_WITH_RECORD, THE_ROOM)
_READ = Processing("where to go on reading; unread messages", Basis.WORK, KEPT_WITH_RECORD, THE_PERSON)
_RECEIPT = Processing("who has received and read what", Basis.OBLIGATION, KEPT_WITH_RECORD, THE_PERSON)
_WANTED = Processing("notifies whom a message names", Basis.WORK, KEPT_WITH_RECORD, THE_ROOM)
_GROUPED = Processing("whom a mention of a group means, then and now", Basis.WORK, KEPT_AS_HISTORY, EVERYBODY)
_MODERATED = Processing("who may not come back to a conversation", Basis.WORK, KEPT_WITH_RECORD, THE_ROOM)
_REPORTED = Processing(
    "moderators look into what somebody reports, and decide",
    Basis.WORK,
    KEPT_WITH_RECORD,
    "moderators but for the message's author; of the outcome the reporter",
)
_PACED = Processing("the pause between two messages in slow mode", Basis.WORK, KEPT_WITH_RECORD, "nobody")
_IMPORTED = Processing(
    "importing twice makes nothing twice; whose claim an imported time is",
    Basis.OBLIGATION,
    KEPT_WITH_RECORD,
    "who runs the server",
)
_OWN = Processing(
    "drafts, what is saved, followed and muted, preferences: the same on all devices",
    Basis.WORK,
    KEPT_WITH_RECORD,
    THE_PERSON,
)
_SALT = Processing(
    "without it a digest tells nothing of what was said", Basis.OBLIGATION, Retention("as long as the text"), "nobody"
)

DECLARED: Declared = {
    "Conversation": {
        "name topic purpose direct_key": _ROOM,
        "id kind is_private created_at archived_at shown_at": NOT_PERSONAL,
        "is_read_only slow_s disappears_s disappearing_since history edits_s broad_mentions": NOT_PERSONAL,
    },
    "Head": {"conversation seq n at": NOT_PERSONAL},
    "Event": {
        "author_id at said_at kind target thread body payload": _SAID,
        "salt": _SALT,
        "conversation_id seq n id source_id digest key_id expires_at": NOT_PERSONAL,
    },
    "MessageState": {
        "body edited_at deleted_at deleted_by reactions pinned_at pinned_by": _STATE,
        "conversation_id seq replies last_reply_at": NOT_PERSONAL,
    },
    "Membership": {
        "conversation_id person_id role spans": _MEMBER,
        "read_seq read_n delivered_seq muted_until level": _READ,
    },
    "ThreadFollow": {"person_id conversation_id root": _READ},
    "PersonalState": {"person_id kind key value": _OWN, "seq": NOT_PERSONAL},
    "Receipt": {"person_id conversation_id read delivered at": _RECEIPT, "id": NOT_PERSONAL},
    "Ban": {"conversation_id person_id by_id at": _MODERATED},
    "Report": {
        "conversation_id seq author_id version reporter_id reason note at holder_id decided_at outcome": _REPORTED,
        "id kind told_at": NOT_PERSONAL,
    },
    "ReportStep": {"by_id note outcome is_deleted for_s at": _REPORTED, "id report kind": NOT_PERSONAL},
    "Pace": {"person_id said_at": _PACED, "conversation_id": NOT_PERSONAL},
    "Mention": {"person_id": _WANTED, "id conversation_id seq group_id thread at": NOT_PERSONAL},
    "UserGroup": {"id handle name description made_at closed_at": NOT_PERSONAL},
    "UserGroupMember": {"group person_id since until": _GROUPED, "id": NOT_PERSONAL},
    "Source": {"imported_by at": _IMPORTED, "id kind sha256": NOT_PERSONAL},
    "SlackKey": {"slack_id object_id": _IMPORTED, "id team kind": NOT_PERSONAL},
}
