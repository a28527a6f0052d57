"""What of Django's and others' models is personal; and all declarations together, held against the models."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import NamedTuple

from django.apps import apps
from django.db import models

from audit.privacy import ADMINISTRATORS, NOT_PERSONAL, Basis, Declared, Processing, Retention

_SESSION = Processing(
    "a browser stays signed in: whose session it is, from where and when it was opened",
    Basis.CONTRACT,
    Retention("until it is ended or runs out"),
    ADMINISTRATORS,
)
_ADMIN_LOG = Processing(
    "what Django's administration did last",
    Basis.OBLIGATION,
    Retention("for good"),
    "administrators and owners",
)

_GUESSES = Processing(
    "guessing passwords is slowed down, by account and network (what was typed for nobody's name is a keyed digest)",
    Basis.SECURITY,
    Retention("a day after the last wrong one, or until the right one", days=1),
    "nobody",
)

#: By app label: what its models' fields are. Our own apps have theirs in their `privacy.py`.
OTHERS: dict[str, Declared] = {
    "admin": {
        "LogEntry": {
            "user action_time object_id object_repr change_message": _ADMIN_LOG,
            "id content_type action_flag": NOT_PERSONAL,
        }
    },
    "auth": {  # our people have roles of their own, so nobody is in these
        "Permission": {"id name content_type codename": NOT_PERSONAL},
        "Group": {"id name": NOT_PERSONAL},
        "Group_permissions": {"id group permission": NOT_PERSONAL},
    },
    "axes": {  # the counts of `accounts.access.backoff`; nothing is written to the tables but the first
        "AccessAttempt": {
            "username ip_address user_agent attempt_time failures_since_start": _GUESSES,
            "id http_accept path_info get_data post_data": NOT_PERSONAL,
        },
        "AccessAttemptExpiration": {"access_attempt expires_at": NOT_PERSONAL},
        "AccessFailureLog": {
            "id username ip_address user_agent attempt_time http_accept path_info locked_out": NOT_PERSONAL
        },
        "AccessLog": {
            "id username ip_address user_agent attempt_time http_accept path_info": NOT_PERSONAL,
            "logout_time session_hash": NOT_PERSONAL,
        },
    },
    "contenttypes": {"ContentType": {"id app_label model": NOT_PERSONAL}},
    "sessions": {"Session": {"session_key session_data expire_date": _SESSION}},
}

#: Our own apps, the lowest first.
OWN = ("audit", "accounts", "messaging", "compliance")


class Described(NamedTuple):
    """A model, and its fields with what is declared of them."""

    model: type[models.Model]
    fields: dict[str, Processing | None]


def declared(label: str) -> Declared:
    """Give what is declared of an app's models."""
    if label in OWN:
        found: Declared = import_module(f"{label}.privacy").DECLARED
        return found
    return OTHERS.get(label, {})


def described() -> Iterator[Described]:
    """Go through the models that are declared and installed: our own apps first, in their layers' order."""
    by_label: dict[str, list[type[models.Model]]] = {}
    for model in apps.get_models(include_auto_created=True):
        by_label.setdefault(model._meta.app_label, []).append(model)
    for label in [*reversed(OWN), *sorted(by_label.keys() - set(OWN))]:
        said = declared(label)
        for model in by_label.get(label, []):
            yield Described(model, _spread(said.get(_name(model), {})))


def faults() -> list[str]:
    """Tell what is wrong with the declarations, a sentence each: a field without one, one without its field."""
    found: list[str] = []
    known: dict[str, set[str]] = {label: set() for label in (*OWN, *OTHERS)}
    for model, said in described():
        label, name = model._meta.app_label, _name(model)
        known.setdefault(label, set()).add(name)
        fields = {field.name for field in model._meta.concrete_fields}
        where = f"{label}/privacy.py" if label in OWN else "chatproject/privacy.py"
        found += [
            f"{label}.{name}.{field} is not declared: say in {where} what it is for." for field in fields - said.keys()
        ]
        found += [
            f"{label}.{name}.{field} is declared in {where}, and no such field." for field in said.keys() - fields
        ]
    for label, models_known in known.items():
        found += [
            f"{label}.{name} is declared, and there is no such model." for name in declared(label).keys() - models_known
        ]
    return sorted(found)


def _name(model: type[models.Model]) -> str:
    return str(model._meta.object_name)


def _spread(said: Mapping[str, Processing | None]) -> dict[str, Processing | None]:
    return {field: processing for names, processing in said.items() for field in names.split()}
