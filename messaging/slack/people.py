"""Users and bots of an export → people of this workspace, found again by (team, Slack id) and by nothing else."""

import csv
import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import User
from messaging.database import rows
from messaging.models import SlackKey
from messaging.slack.archive import UnusableExport
from messaging.slack.bulk import copy_in
from messaging.slack.records import Account
from messaging.slack.roster import Roster
from messaging.slack.tally import Tally
from messaging.slack.text import sayable, unescape

USERNAME_CHARACTERS = 64
NAME_CHARACTERS = 128
TAKEN = "usernames that were taken and got a suffix"
RESPELT = "usernames with characters that have no place in one here"
NO_ADDRESS = "e-mail addresses that are none, left out"

_PLAIN_ID = re.compile(r"[\w ./-]{1,64}")
_NOT_IN_USERNAME = re.compile(r"[\s@,:<>\x00-\x1f\x7f\ud800-\udfff]")


def key(slack_id: str) -> str:
    """Give the form in which Slack's id is kept: itself, or a digest where it is too long or unprintable."""
    if _PLAIN_ID.fullmatch(slack_id):
        return slack_id
    return hashlib.sha256(slack_id.encode(errors="surrogatepass")).hexdigest()


def read_map(path: Path, roster: Roster) -> dict[str, User]:
    """Read a CSV of "Slack id or e-mail, username" as Slack id → person; raises UnusableExport for a wrong line."""
    by_email = {email.lower(): slack_id for slack_id, a in roster.accounts.items() if (email := _email(a))}
    found: dict[str, User] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file) if any(row)]
    except (OSError, ValueError, csv.Error) as error:
        raise UnusableExport(f"{path} can't be read as CSV: {error}.") from error
    for number, row in enumerate(rows, 1):
        if len(row) != 2:
            raise UnusableExport(f"{path}, line {number}: expected two columns, a Slack id or e-mail and a username.")
        slack_id = row[0] if row[0] in roster.accounts else by_email.get(row[0].lower())
        if slack_id is None:
            raise UnusableExport(f"{path}, line {number}: the export has no user {row[0]!r}, by Slack id or e-mail.")
        person = get_user_model().objects.filter(username__iexact=row[1]).first()
        if person is None:
            raise UnusableExport(f"{path}, line {number}: there is no person {row[1]!r} in this workspace.")
        found[slack_id] = person
    return found


def take(roster: Roster, team: str, mapped: Mapping[str, User], tally: Tally) -> dict[str, int]:
    """Make whoever is missing, and give everybody's id here by Slack id.

    Raises UnusableExport where `mapped` gives somebody to another person than an earlier import did.
    """
    known = dict(SlackKey.objects.filter(team=team, kind=SlackKey.Kind.PERSON).values_list("slack_id", "object_id"))
    people = {slack_id: known[key(slack_id)] for slack_id in roster.accounts if key(slack_id) in known}
    tally.people["already there"] = len(people)
    for slack_id, person in mapped.items():
        if people.setdefault(slack_id, person.pk) != person.pk:
            raise UnusableExport(f"{slack_id} came with an earlier import as another person than {person.username}.")
    tally.people["mapped"] = len(people) - tally.people["already there"]
    missing = [account for slack_id, account in roster.accounts.items() if slack_id not in people]
    with transaction.atomic():
        made = _make(missing, tally)
        people |= made
        keys = [
            SlackKey(team=team, slack_id=key(slack_id), kind=SlackKey.Kind.PERSON, object_id=person)
            for slack_id, person in people.items()
            if key(slack_id) not in known
        ]
        copy_in(keys)
    return people


def _make(accounts: Sequence[Account], tally: Tally) -> dict[str, int]:
    taken = set(get_user_model().objects.values_list(Lower("username"), flat=True)) if accounts else set()
    now = timezone.now()
    users = [_user(account, taken, now, tally) for account in accounts]
    copy_in(users)
    ids: dict[str, int] = dict(
        rows('select username, id from "user" where username = any(%s)', [[user.username for user in users]])
    )
    tally.people.update(f"{user.kind}s" for user in users)
    return {account.id: ids[user.username] for account, user in zip(accounts, users, strict=True)}


def _user(account: Account, taken: set[str], now: datetime, tally: Tally) -> User:
    username = _username(account, taken, tally)
    profile = account.profile
    shown = (profile and (profile.display_name or profile.real_name)) or account.real_name or account.name
    is_bot = bool(account.is_bot)
    return User(
        username=username,
        email=_address(account, tally),
        name=sayable(unescape(shown or account.id)).strip()[:NAME_CHARACTERS] or username,
        kind=User.Kind.BOT if is_bot else User.Kind.PERSON,
        is_active=not account.deleted,
        # Django's form of "no password will do", without its slow source of randomness.
        password="!" + secrets.token_urlsafe(30),
        created_at=now,
        imported_at=now,
    )


def _username(account: Account, taken: set[str], tally: Tally) -> str:
    """Keep Slack's name where it may be; else put an underscore for what may not, and a number where it is taken."""
    wanted = account.name or account.id
    plain = _NOT_IN_USERNAME.sub("_", wanted)[:USERNAME_CHARACTERS] or "_"
    if plain != wanted:
        tally.remark(RESPELT, f"{sayable(wanted)!r} → {plain}")
    username, number = plain, 1
    while username.lower() in taken:
        number += 1
        suffix = f"-{number}"
        username = plain[: USERNAME_CHARACTERS - len(suffix)] + suffix
    if number > 1:
        tally.remark(TAKEN, f"{plain} → {username}")
    taken.add(username.lower())
    return username


def _email(account: Account) -> str:
    return (account.profile and account.profile.email) or ""


def _address(account: Account, tally: Tally) -> str:
    email = _email(account)
    try:
        if email:
            validate_email(email)
    except ValidationError:
        tally.remark(NO_ADDRESS, sayable(email))
        return ""
    return email
