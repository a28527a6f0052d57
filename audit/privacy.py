"""How an app declares what of its fields is personal: the types, and the words that declarations share.

Each app has a `privacy.py` with `DECLARED`: for each model, the names of its fields (several in one text) and what is
done with them, or NOT_PERSONAL. `manage.py privacy_page` makes `docs/privacy.md` of all, and fails for a field that is
not declared.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Basis(StrEnum):
    """The lawful basis that the product is built for (GDPR, article 6); who runs it confirms it or names another."""

    CONTRACT = "performance of the contract (6(1)(b))"
    OBLIGATION = "legal obligation: record-keeping (6(1)(c))"
    SECURITY = "legitimate interest: security (6(1)(f))"
    WORK = "legitimate interest: work together (6(1)(f))"


class Retention(NamedTuple):
    """How long something is kept, in words; `days` where a task takes it away by its age."""

    words: str
    days: int | None = None


class Processing(NamedTuple):
    """What a personal field is for, on which basis, how long it is kept, and who sees it."""

    purpose: str
    basis: Basis
    retention: Retention
    recipients: str


NOT_PERSONAL: Final = None
#: Model's name → names of fields, with spaces between → what is done with them.
Declared = Mapping[str, Mapping[str, Processing | None]]

KEPT_WITH_ACCOUNT = Retention("with the account, which is never deleted")
KEPT_WITH_RECORD = Retention("with the record, which nothing is taken out of yet")
KEPT_WITH_TRAIL = Retention("with the trail, which is never changed")
KEPT_AS_HISTORY = Retention("as history, for good")
NINETY_DAYS = Retention("90 days", days=90)

THE_PERSON = "the person"
ADMINISTRATORS = "the person; administrators and owners"
EVERYBODY = "members; guests who share a conversation"
THE_ROOM = "who may read the conversation"
TRAIL_READERS = "who may read entries of the class"

#: By which the trail names people: an opaque id.
ON_THE_TRAIL = Processing(
    "shows who did what, when, by opaque ids alone", Basis.OBLIGATION, KEPT_WITH_TRAIL, TRAIL_READERS
)
_BESIDE = Processing(
    "names, addresses and words of an entry, beside the chain, which keeps a salted commitment",
    Basis.OBLIGATION,
    Retention("where a deed came from: 90 days; the rest with the trail, until it is erased", days=90),
    TRAIL_READERS,
)

DECLARED: Declared = {
    "Entry": {
        "content actor_id target verb at": ON_THE_TRAIL,
        "id link digest category": NOT_PERSONAL,
    },
    "Personal": {
        "subject_id fields at": _BESIDE,
        "entry_id part salt": NOT_PERSONAL,
    },
    "Link": {"seq deed first entries entries_digest at previous hash": NOT_PERSONAL},
    "Key": {"id workspace fingerprint public_key since previous signature endorsement": NOT_PERSONAL},
    "Checkpoint": {"id at link_seq fingerprint line": NOT_PERSONAL},
    "Delivery": {"id checkpoint destination attempts next_at delivered_at error": NOT_PERSONAL},
    "Verification": {"id at entries seq is_ok detail": NOT_PERSONAL},
}
