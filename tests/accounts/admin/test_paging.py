"""Lists within a page come in pages: everybody once, whatever page is asked for."""

import re
from itertools import chain

from django.utils import timezone

from accounts.admin.paging import SIZE
from accounts.authority import barriers
from accounts.models import Attestation, Grant, Recertification, SegmentMember, User
from tests.accounts.admin.desks import desk, holder
from tests.worlds import acting, person


def crowd(count: int) -> list[User]:
    """Make many people by one statement."""
    stem = person("crowd").username
    rows = [User(username=f"{stem}-{nth:03}", email="", name=f"Crowd {nth:03}") for nth in range(count)]
    return list(User.objects.bulk_create(rows))


def usernames(client, address: str) -> list[list[str]]:
    """Read the usernames of each page of a list, until there is no further one."""
    found, number = [], 1
    while True:
        page = client.get(address, {"page": number}).content.decode()
        found.append(re.findall(r"@(crowd-[0-9a-f]{8}-\d{3})", page))
        if 'rel="next"' not in page:
            return found
        number += 1


def test_a_segment_shows_everybody_once():
    boss, people = holder("administrator"), crowd(SIZE * 2 + 5)
    made = barriers.segment(acting(boss), f"side-{boss.pk}")
    SegmentMember.objects.bulk_create([SegmentMember(segment=made, user=user) for user in people])
    client, address = desk(boss), f"/admin/barriers/{made.pk}/"
    pages = usernames(client, address)
    assert [len(page) for page in pages] == [SIZE, SIZE, 5]
    assert sorted(chain(*pages)) == sorted(user.username for user in people)
    for asked in ("0", "-1", "999999", "x", "1e9", "9" * 30):
        assert client.get(address, {"page": asked}).status_code == 200


def test_a_quarter_shows_every_grant_once():
    boss, people = holder("owner"), crowd(SIZE + 1)
    grants = Grant.objects.bulk_create([Grant(user=user, role="moderator") for user in people])
    quarter = Recertification.objects.create(quarter=f"{1000 + boss.pk % 9000}-Q1", due_at=timezone.now())
    Attestation.objects.bulk_create([Attestation(recertification=quarter, grant=grant) for grant in grants])
    pages = usernames(desk(boss), f"/admin/roles/quarters/{quarter.pk}/")
    assert [len(page) for page in pages] == [SIZE, 1]
    assert sorted(chain(*pages)) == sorted(user.username for user in people)
