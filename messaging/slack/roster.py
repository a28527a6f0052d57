"""Everybody whom the export names: the users of users.json, and those who only appear in conversations."""

from collections import Counter
from collections.abc import Iterable

from messaging.slack.records import Account, Message, Profile

SLACKBOT = "USLACKBOT"


class Roster:
    """Accounts by Slack id. Bots without a user of their own get the id `BOT_ID/USERNAME`."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        """Start from the export's own list; the first record of an id stands."""
        self.accounts: dict[str, Account] = {}
        self._bots: dict[str, Account] = {}
        for account in accounts:
            self.accounts.setdefault(account.id, account)
            if account.profile and account.profile.bot_id:
                self._bots.setdefault(account.profile.bot_id, account)
        self.listed = len(self.accounts)

    @property
    def team(self) -> str | None:
        """Tell the workspace's id: the commonest among its users, for guests of shared channels carry another."""
        teams = Counter(account.team_id for account in self.accounts.values() if account.team_id)
        return min(teams, key=lambda team: (-teams[team], team)) if teams else None

    def author(self, message: Message) -> str | None:
        """Name a message's author by Slack id; None where it has none."""
        if message.user:
            return message.user
        if message.comment and message.comment.user:
            return message.comment.user
        known = self._bots.get(message.bot_id or "")
        if known and message.username in (None, "", known.name, known.real_name):
            return known.id
        if message.bot_id or message.username:
            return "/".join(part for part in (message.bot_id, message.username) if part)
        return None

    def meet(self, message: Message) -> None:
        """Take in whoever a message names and the export's list lacks."""
        author = self.author(message)
        if author is not None and author not in self.accounts:
            self.accounts[author] = self._stranger(author, message)
        for reaction in message.reactions or ():
            self.meet_ids(reaction.users or ())
        editor = message.edited.user if message.edited else None
        if editor or message.inviter:
            self.meet_ids(one for one in (editor, message.inviter) if one)
        for inner in (message.message, message.original, message.previous_message):
            if inner is not None:
                self.meet(inner)

    def meet_ids(self, ids: Iterable[str]) -> None:
        """Take in people of whom only the id is known."""
        for slack_id in ids:
            if slack_id not in self.accounts:
                self.accounts[slack_id] = self._stranger(slack_id, Message())

    def _stranger(self, slack_id: str, message: Message) -> Account:
        if slack_id == SLACKBOT:
            return Account(id=slack_id, name="slackbot", real_name="Slackbot", is_bot=True)
        if message.username or (slack_id.startswith("B") and not message.user):
            profile = message.bot_profile or Profile()
            return Account(id=slack_id, name=message.username or profile.name or slack_id, is_bot=True)
        profile = message.user_profile or Profile()
        return Account(id=slack_id, name=profile.name or slack_id, profile=profile)
