"""How many mails somebody may ask for: by the address that they go to, and by where they are asked for."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import counts
from accounts.refusal import Refusal

PERIOD_S = 3600
TO_AN_ADDRESS = 5
FROM_AN_ADDRESS = 20


def count(email: str, asked_from: str) -> bool:
    """Count a mail that is asked for, and tell whether it could be: not while Redis is away.

    Raises Refusal beyond 5 an hour to an e-mail or 20 from a network address. Whether the e-mail is anybody's makes no
    difference.
    """
    if not settings.IS_RATE_LIMITED:
        return True
    from_there = counts.add("mail:from", asked_from, PERIOD_S)
    if from_there is not None and from_there > FROM_AN_ADDRESS:
        raise Refusal("rate_limited", _("Too many mails were asked for from where you are: try again in an hour."))
    to_it = counts.add("mail:to", email.lower(), PERIOD_S)
    if to_it is not None and to_it > TO_AN_ADDRESS:
        raise Refusal(
            "rate_limited",
            _("Several mails were asked for to this address: look into its folder for spam, or try again in an hour."),
            field="email",
        )
    return from_there is not None and to_it is not None


def require(email: str, asked_from: str) -> None:
    """Count a mail that is asked for; raises Refusal beyond the same bounds, and where it can't be counted."""
    if not count(email, asked_from):
        raise Refusal("unavailable", _("No mail can be asked for just now: try again in a few minutes."))
