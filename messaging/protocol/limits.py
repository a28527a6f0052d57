"""Bounds of the protocol."""

#: Characters (code points) of a message. An import may bring what its source allowed.
BODY_CHARACTERS = 16_000
IMPORTED_BODY_CHARACTERS = 40_000
#: Largest frame or request body.
FRAME_BYTES = 1 << 20
#: Most people that one message mentions by name; more are words only.
MENTIONS = 100
#: Events of one `events` frame, and of all that answer one `hello`.
EVENTS_PER_CONVERSATION = 200
EVENTS_PER_HELLO = 2_000
#: Further behind than this a client is told to start afresh (`gap`).
EVENTS_BEHIND = 20_000
CONVERSATIONS_IN_WELCOME = 200
#: Cursors of one `hello` or `sync`.
CURSORS = 10_000
#: Frames of one `POST /events/commands`.
FRAMES_PER_REQUEST = 100
HEARTBEAT_S = 25
SILENCE_S = 60
MALFORMED_PER_MINUTE = 100
COMMANDS_PER_S = 50
COMMANDS_BURST = 1_000
SOCKETS_PER_PERSON = 100
#: Devices of a person that hear by streams or polls: beyond it all of them begin anew.
DEVICES_PER_PERSON = 2 * SOCKETS_PER_PERSON
#: What one socket watches at most.
WATCHED_CONVERSATIONS = 20
WATCHED_USERS = 200
#: Of one's own so many of each kind are kept.
KEPT = {
    "draft": 1_000,
    "save": 10_000,
    "follow": 10_000,
    "seen": 20_000,
    "level": 10_000,
    "prefer": 500,
    "block": 1_000,
    "schedule": 500,
}
#: Receipts name people in a conversation of up to so many members; above that there are only counts.
NAMED_RECEIPTS = 200
#: Members of a conversation are counted up to here: a larger one has at least so many.
MEMBERS_COUNTED = 10_000
#: The largest integer that every client, JavaScript included, holds exactly.
LARGEST_INTEGER = 2**53 - 1
