"""Who may do what in a workspace: the one answer, for every interface. (Within a conversation: `messaging.rights`.)"""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts import workspace
from accounts.access import addresses
from accounts.actor import Actor
from accounts.authority.verbs import VERBS
from accounts.models import Grant, User
from accounts.refusal import Refusal


class Held(NamedTuple):
    """What somebody is, and may therefore do."""

    roles: frozenset[str]
    verbs: frozenset[str]


NOTHING = Held(frozenset(), frozenset())


def standing(user: User) -> str:
    """Say what somebody is without any grant: a member, a guest or a bot."""
    if user.kind == User.Kind.BOT:
        return "bot"
    return "guest" if user.is_guest else "member"


def held(user: User) -> Held:
    """Collect somebody's roles and verbs, as of now: one query, or two where roles of one's own are held."""
    from accounts.authority import roles  # it asks here whether a deed is allowed

    if not user.is_active:
        return NOTHING
    granted = Grant.objects.filter(Grant.IN_FORCE, user=user).values_list("role", flat=True)
    names = frozenset([standing(user), *granted])
    return Held(names, roles.held_verbs(names))


def by_standing(user: User) -> Held:
    """Give what somebody may do without any grant, which needs no query: all that most calls ask for."""
    from accounts.authority import roles

    if not user.is_active:
        return NOTHING
    names = frozenset([standing(user)])
    return Held(names, roles.held_verbs(names))


def allowed(actor: Actor, verb: str) -> bool:
    """Tell whether somebody may do this, apart from stepping up: by role, by the token's scopes, and from there."""
    try:
        check(actor, verb)
    except Refusal:
        return False
    return True


def check(actor: Actor, verb: str) -> None:
    """Raise Refusal unless somebody may do this by role, by scope and from where they are.

    Raises KeyError for a verb that is not in the table. The operator at the shell may do everything.
    """
    row = VERBS[verb]
    if actor.is_operator:
        return
    if actor.user is None:
        raise Refusal("forbidden", _("Sign in first."))
    mine = held(actor.user) if standing(actor.user) not in row.roles else by_standing(actor.user)
    if verb not in mine.verbs:
        raise Refusal("forbidden", _("You may not do this (%s): none of your roles lets you.") % row.title)
    check_scope(actor.scopes, verb)
    if row.duty != "talk" and not _is_from_there(actor, mine, row.duty):
        raise Refusal("forbidden", _("You may do this only from the networks allowed for your role."))


def _is_from_there(actor: Actor, mine: Held, duty: str) -> bool:
    """Tell whether somebody is where every role held, and this duty under whatever role, may be seen to from."""
    lists = [workspace.networks_for(duty), *(workspace.networks(role) for role in mine.roles)]
    return all(addresses.is_within(actor.address, networks) for networks in lists)


def check_scope(scopes: frozenset[str] | None, verb: str) -> None:
    """Raise Refusal unless a token's scopes are enough for this; None stands for a session, which has no scopes."""
    row = VERBS[verb]
    if scopes is not None and row.scope not in scopes:
        raise Refusal("forbidden", _("This token may not do that (%s): it lacks the scope for it.") % row.title)


def open_verbs(actor: Actor) -> frozenset[str]:
    """Collect all that somebody may do, as `allowed` tells of one verb, by one look at what is held."""
    if actor.is_operator:
        return frozenset(VERBS)
    mine = held(actor.user) if actor.user is not None else NOTHING
    rows = [VERBS[verb] for verb in mine.verbs]
    open_duties = {"talk"} | {duty for duty in {row.duty for row in rows} if _is_from_there(actor, mine, duty)}
    return frozenset(
        row.name for row in rows if (actor.scopes is None or row.scope in actor.scopes) and row.duty in open_duties
    )


def require(actor: Actor, verb: str) -> None:
    """Raise Refusal unless somebody may do this now: also with the factors shown again, where the verb asks for it."""
    check(actor, verb)
    if VERBS[verb].is_stepped_up and not actor.is_operator and not actor.has_stepped_up:
        raise Refusal("step_up", _("Show that it is you: sign in again to go on. It counts for ten minutes."))
