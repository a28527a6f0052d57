"""Roles: those that ship, read off the table of verbs, and those of the workspace's own making."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.authority import verbs
from accounts.authority.verbs import VERBS
from accounts.models import Grant, Role
from accounts.refusal import Refusal
from audit import trail

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
#: What everybody is without a grant; they can't be given or taken.
STANDINGS = ("member", "guest", "bot")
#: The roles that are given, with what they are for.
TITLES: Mapping[str, str] = {
    "owner": "Owner: appoints owners and administrators, proposes officers",
    "administrator": "Administrator: people, roles and settings, never what was said",
    "moderator": "Moderator: reviews what was reported, mutes people",
    "officer": "Compliance officer: retains, holds, searches and exports the record",
    "auditor": "Auditor: reads the trail and verifications, changes nothing",
}


class Definition(NamedTuple):
    """A role and what follows from its verbs."""

    name: str
    verbs: frozenset[str]

    @property
    def is_compliance(self) -> bool:
        """Tell whether it comes by an owner's proposal and a sitting officer's yes, a day later."""
        return "compliance" in verbs.duties(self.verbs)

    @property
    def is_ownership(self) -> bool:
        """Tell whether a second owner has to approve it."""
        return "ownership" in verbs.duties(self.verbs)

    @property
    def granted_by(self) -> frozenset[str]:
        """Give the roles of which one is needed to give this one."""
        return frozenset.intersection(*(frozenset(VERBS[verb].may_grant) for verb in self.verbs))


def built_in(name: str) -> Definition:
    """Give a role that ships."""
    return Definition(name, frozenset(verb.name for verb in VERBS.values() if name in verb.roles))


def find(name: str) -> Definition:
    """Find a role that can be given. Raises Refusal where there is none of the name."""
    if name in TITLES:
        return built_in(name)
    made = Role.objects.filter(name=name).first()
    if made is None:
        raise Refusal("malformed", _("There is no role %s. There are: %s.") % (name, ", ".join(TITLES)), field="role")
    return Definition(made.name, frozenset(made.verbs) & VERBS.keys())


def hold(definition: Definition) -> None:
    """Keep a role from being deleted until the transaction ends, as it is about to be given.

    Raises Refusal where it is not the one that was found: by its name alone somebody would get another's verbs.
    """
    if definition.name in TITLES:
        return
    made = Role.objects.select_for_update().filter(name=definition.name).first()
    if made is None or frozenset(made.verbs) & VERBS.keys() != definition.verbs:
        raise Refusal(
            "malformed", _("This role was deleted or made anew a moment ago: look at it again."), field="role"
        )


def held_verbs(names: frozenset[str]) -> frozenset[str]:
    """Collect the verbs of roles and standings."""
    own = names - TITLES.keys() - set(STANDINGS)
    found = {verb.name for verb in VERBS.values() if names.intersection(verb.roles)}
    if own:
        for made in Role.objects.filter(name__in=own):
            found |= VERBS.keys() & set(made.verbs)
    return frozenset(found)


def with_verb(verb: str) -> frozenset[str]:
    """Name the roles that are given and let one do something."""
    own = {made.name for made in Role.objects.filter(verbs__contains=[verb])}
    return frozenset(own | {name for name in TITLES if verb in built_in(name).verbs})


def define(actor: Actor, name: str, title: str, chosen: frozenset[str]) -> Role:
    """Make a role of the workspace's own. Raises Refusal where the verbs can't be one person's, or are nobody's."""
    rights.require(actor, "role.define")
    if name in TITLES or name in STANDINGS or Role.objects.filter(name=name).exists():
        raise Refusal("malformed", _("There is a role of that name already: choose another."), field="name")
    if not _NAME.fullmatch(name):
        detail = _("A name has 1 to 32 small letters, digits and hyphens, such as help-desk.")
        raise Refusal("malformed", detail, field="name")
    if not chosen:
        raise Refusal(
            "malformed", _("Choose at least one verb: a role without any lets nobody do anything."), field="verbs"
        )
    unknown = chosen - VERBS.keys()
    if unknown:
        raise Refusal("malformed", _("There is no verb %s.") % min(unknown), field="verbs")
    clash = verbs.conflict(chosen)
    if clash:
        raise Refusal("malformed", _("Nobody may hold %s together: make two roles.") % clash, field="verbs")
    if not Definition(name, chosen).granted_by:
        raise Refusal(
            "malformed", _("Nobody could give this role: its verbs are given by different people."), field="verbs"
        )
    with transaction.atomic():
        made = Role.objects.create(name=name, title=title.strip() or name, verbs=sorted(chosen))
        after = {"role": name, "title": made.title, "verbs": made.verbs}
        trail.record(actor=actor.id, verb="role.define", target=f"role:{made.pk}", after=after, origin=actor.origin)
    return made


def remove(actor: Actor, role: Role) -> None:
    """Delete a role of the workspace's own that nobody holds. Raises Refusal while somebody does."""
    rights.require(actor, "role.define")
    with transaction.atomic():
        if not Role.objects.select_for_update().filter(pk=role.pk).exists():
            raise Refusal("not_found", _("This role has been deleted already."))
        if Grant.objects.filter(role=role.name, ended_at=None).exists():
            raise Refusal("forbidden", _("Somebody holds this role: end those grants first."))
        before = {"role": role.name, "title": role.title, "verbs": role.verbs}
        trail.record(actor=actor.id, verb="role.remove", target=f"role:{role.pk}", before=before, origin=actor.origin)
        role.delete()
