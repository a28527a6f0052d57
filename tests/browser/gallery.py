"""Something to look at on every page of the administration, and where each address' number leads to it."""

import re
import secrets
from functools import partial

from django.conf import settings

from accounts import actor
from accounts.access import tokens
from accounts.authority import barriers, grants, recertification, roles
from accounts.models import Approval, Attestation, Barrier, Grant, SegmentMember, Token, User
from accounts.people import bots, email_change, imports, lifecycle, muting, person_links
from audit import signing, verification
from audit.models import Checkpoint
from messaging import arrivals, departures, reviewing, user_groups
from messaging.ownership import Will
from tests.accounts.admin.desks import holder
from tests.chatproject.addresses import walk
from tests.messaging.reported import case
from tests.worlds import acting, appointed, channel, person

#: Two rows of a file of people, neither of which will do.
_FAULTY = b"username,name,email,role\nc c,Carol,carol,boss\n,,,\n"


def hang(owner: User) -> dict[str, str]:
    """Make the things that this owner looks at, and give the address of the page for each address with numbers."""
    mark = secrets.token_hex(4)
    Grant.objects.create(user=owner, role="moderator")
    alice, moderator, administrator = person("alice"), holder("moderator"), holder("administrator")
    numbers = {
        **_reports(acting(owner)),
        **_people(acting(owner), alice, mark),
        **_roles(acting(owner), moderator, mark),
        **_approvals(owner, administrator, alice),
        **_records(acting(owner), alice, mark),
    }
    admin = [address.path for address in walk() if address.path.startswith("/admin/")]
    paths = {path: re.sub("/1/", f"/{_number(numbers, path)}/", path, count=1) for path in admin}
    paths["/admin/people/1/all/x/"] = f"{paths['/admin/people/1/']}all/trail/"
    paths["/admin/conversations/1/owner/1/"] = f"{paths['/admin/conversations/1/']}owner/{alice.pk}/"
    return paths


def _number(numbers: dict[str, int], path: str) -> int:
    """Give the number of the longest beginning that is known."""
    known = [beginning for beginning in numbers if path.startswith(beginning)]
    return numbers[max(known, key=len)] if known else 1


def _people(by: actor.Actor, alice: User, mark: str) -> dict[str, int]:
    dave, gone, other = person("dave"), person("gone"), person("alice")
    lifecycle.suspend(by, dave, "A lost laptop")
    muting.mute(by, other, for_s=3600, reason="Insults")
    departures.deactivate(by, gone, Will({}))
    bot = bots.make(by, f"robot-{mark}", "Robot")
    tokens.issue(acting(alice), alice, name="Build server", scopes=["read"])
    draft = partial(imports.check, by, is_inviting=True)
    return {
        "/admin/people/1/": alice.pk,
        "/admin/people/1/restore/": dave.pk,
        "/admin/people/1/leave/": gone.pk,
        "/admin/people/1/token/": bot.pk,
        "/admin/people/1/unmute/": other.pk,
        "/admin/people/links/1/": person_links.link(by, alice, other.username, "Both came by one badge").pk,
        "/admin/people/tokens/1/": Token.objects.get(user=alice).pk,
        "/admin/people/imports/1/": draft("people.csv", _FAULTY).pk,
        "/admin/people/imports/1/start/": draft(
            "more.csv", f"username,name,email\n{mark},New,{mark}@example.org\n".encode()
        ).pk,
    }


def _reports(by: actor.Actor) -> dict[str, int]:
    """Make a report that is this one's to decide, one that nobody has, and one that somebody else has."""
    mine, free, theirs = case(), case(), case(is_claimed=True)
    reviewing.claim(by, mine.report)
    return {
        "/admin/reports/1/": mine.report.pk,
        "/admin/reports/1/claim/": free.report.pk,
        "/admin/reports/1/take-over/": theirs.report.pk,
    }


def _roles(by: actor.Actor, moderator: User, mark: str) -> dict[str, int]:
    own = roles.define(by, f"desk-{mark}", "Help desk", frozenset({"person.list"}))
    held = Grant.objects.get(user=moderator)
    quarter = recertification.open_quarter(actor.system("tests"))
    asked, _is_new = Attestation.objects.get_or_create(recertification=quarter, grant=held)
    return {
        "/admin/roles/1/": held.pk,
        "/admin/roles/own/1/": own.pk,
        "/admin/roles/quarters/1/": quarter.pk,
        "/admin/roles/answers/1/": asked.pk,
    }


def _approvals(owner: User, administrator: User, alice: User) -> dict[str, int]:
    appointed("second", "owner")  # somebody who may approve what the owner asks for
    theirs = email_change.ask(acting(administrator), alice, f"new-{alice.email}", "Married")
    mine = grants.grant(acting(owner), alice, "owner", reason="A second owner")
    assert isinstance(mine, Approval)
    return {"/admin/approvals/1/": theirs.pk, "/admin/approvals/1/withdraw/": mine.pk}


def _records(by: actor.Actor, alice: User, mark: str) -> dict[str, int]:
    bob = person("bob")
    one, other = barriers.segment(by, f"deal {mark}"), barriers.segment(by, f"trading {mark}")
    SegmentMember.objects.create(segment=one, user=alice)
    SegmentMember.objects.create(segment=other, user=bob)
    Barrier.objects.create(one=one, other=other, reason="Ongoing deal")
    oncall = user_groups.make(by, f"oncall-{mark}", "On call")
    user_groups.move(by, oncall, add=[alice.pk, bob.pk])
    room = channel(alice, bob)  # they were together before the wall
    signing.sign(settings.TRAIL_KEY)
    return {
        "/admin/barriers/1/": one.pk,
        "/admin/conversations/1/": room,
        "/admin/groups/1/": oncall.pk,
        "/admin/invitations/1/": arrivals.invite(
            by, site="https://parley.test", email=f"f-{mark}@example.org"
        ).invitation.pk,
        "/admin/trail/verifications/1/": verification.keep(verification.run(), {}).pk,
        "/admin/trail/checkpoints/1/": Checkpoint.objects.latest("id").pk,
    }
