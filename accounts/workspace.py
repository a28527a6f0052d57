"""The workspace's settings: what they are, what they are now, and changing them. No restart is needed."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import addresses
from accounts.models import Setting
from accounts.options import OPTIONS, Option
from accounts.refusal import Refusal
from audit import trail

#: For so long a process answers from what it has read: a change is everywhere after this.
FRESH_S = 1.0


#: Which list of networks counts for whom.
_NETWORKS_OF = {
    "owner": "networks_administrator",
    "administrator": "networks_administrator",
    "officer": "networks_officer",
    "auditor": "networks_officer",
}
#: And for which duty, whatever the role is called by which somebody has it.
_NETWORKS_FOR = {
    "administration": "networks_administrator",
    "ownership": "networks_administrator",
    "compliance": "networks_officer",
    "oversight": "networks_officer",
}


class _Snapshot:
    """What this process has read of the settings, and when."""

    values: Mapping[str, Any] = {}
    read_at = float("-inf")


def value(name: str) -> Any:
    """Give a setting as it is now, at most a second old."""
    if time.monotonic() - _Snapshot.read_at > FRESH_S:
        _Snapshot.values = dict(Setting.objects.values_list("name", "value"))
        _Snapshot.read_at = time.monotonic()
    return _Snapshot.values.get(name, OPTIONS[name].default)


def display_name() -> str:
    """Say how the workspace is called in its pages."""
    return str(value("name") or settings.WORKSPACE_NAME)


def networks(role: str) -> list[str]:
    """List the networks from which a role's verbs are open; none for everywhere."""
    name = _NETWORKS_OF.get(role)
    return list(value(name)) if name else []


def networks_for(duty: str) -> list[str]:
    """List the networks from which the verbs of a duty are open; none for everywhere."""
    name = _NETWORKS_FOR.get(duty)
    return list(value(name)) if name else []


def forget() -> None:
    """Read anew at the next question: for this process, after a change of its own."""
    _Snapshot.read_at = float("-inf")


def change(actor: Any, changes: Mapping[str, Any]) -> list[str]:
    """Change settings together, each on the trail, and name those that really differ.

    Raises Refusal with the field where a value can't be read, where it is not for this actor to change (`Option.verb`),
    or where it would shut out whoever changes it; then nothing is changed.
    """
    from accounts import rights  # it reads settings

    rights.require(actor, "settings.change")
    changed: list[str] = []
    with transaction.atomic():
        for name, given in changes.items():
            entry = OPTIONS.get(name)
            if entry is None:
                raise Refusal("malformed", _("There is no setting %s.") % name)
            try:
                after = entry.read(given)
            except ValueError as error:
                raise Refusal("malformed", str(error), field=name) from None
            kept = Setting.objects.select_for_update().filter(name=name).first()
            before = entry.default if kept is None else kept.value
            if after == before:
                continue
            _require(actor, entry)
            if name == "networks_administrator" and not actor.is_operator:
                _check_not_shut_out(actor.address, after)
            fields = {"value": after, "changed_by_id": actor.id, "changed_at": timezone.now()}
            Setting.objects.update_or_create(name=name, defaults=fields)
            trail.record(
                actor=actor.id,
                verb="settings.change",
                target=f"setting:{name}",
                before={"value": before},
                after={"value": after},
                origin=actor.origin,
            )
            changed.append(name)
        transaction.on_commit(forget)
    return changed


def _require(actor: Any, option: Option) -> None:
    from accounts import rights  # it reads settings

    try:
        rights.require(actor, option.verb)
    except Refusal as refusal:
        if refusal.code == "step_up":
            raise
        raise Refusal(refusal.code, refusal.detail, field=option.name) from None


def _check_not_shut_out(address: str, after: Iterable[str]) -> None:
    if not addresses.is_within(address, after):
        detail = _("You are at %s, which is in none of these networks: you would shut yourself out.") % address
        raise Refusal("malformed", detail, field="networks_administrator")
