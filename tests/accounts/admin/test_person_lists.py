"""A person's page shows the first of each list, says how many there are, and leads to all of them."""

import re

from accounts.admin.paging import SIZE
from accounts.models import Token
from tests.accounts.admin.desks import crowd, desk, holder
from tests.worlds import person


def test_where_there_are_more_it_says_how_many_and_leads_to_all():
    alice, bob, client = person("alice"), person("bob"), desk(holder("owner"))
    counts = crowd(alice)
    page = client.get(f"/admin/people/{alice.pk}/").content.decode()
    for name, count in counts.items():
        address = f"/admin/people/{alice.pk}/all/{name}/"
        assert f'href="{address}"' in page, name
        listed = client.get(address).content.decode()
        assert listed.count('<th scope="row">') == count, name
        assert client.get(f"/admin/people/{bob.pk}/all/{name}/").content.decode().count('<th scope="row">') == 0, name
    assert page.count("20 of 30") == len(counts)
    assert "/all/" not in client.get(f"/admin/people/{bob.pk}/").content.decode()


def test_a_list_comes_in_pages_each_line_once():
    alice, client = person("alice"), desk(holder("administrator"))
    rows = [Token(user=alice, name=f"line-{nth}", scopes=["read"], digest=bytes([nth]) * 32) for nth in range(SIZE + 7)]
    for nth, row in enumerate(rows):
        row.digest = f"{alice.pk}-{nth}".encode().ljust(32)
    Token.objects.bulk_create(rows)
    address, found = f"/admin/people/{alice.pk}/all/tokens/", []
    for number in (1, 2):
        found.append(re.findall(r"line-\d+", client.get(address, {"page": number}).content.decode()))
    assert [len(page) for page in found] == [SIZE, 7]
    assert len({*found[0], *found[1]}) == SIZE + 7


def test_it_opens_for_who_sees_people_and_shows_no_case():
    alice = person("alice")
    for role, status in (("owner", 200), ("administrator", 200), ("auditor", 403), ("officer", 403), ("member", 403)):
        client = desk(holder(role))
        for name in ("roles", "trail", "conversations"):
            assert client.get(f"/admin/people/{alice.pk}/all/{name}/").status_code == status
    client = desk(holder("owner"))
    assert client.get(f"/admin/people/{alice.pk}/all/nothing/").status_code == 404
    assert client.post(f"/admin/people/{alice.pk}/all/roles/").status_code == 405
