"""How many mails somebody may ask for: by the address that they go to, and by where they are asked for."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.access import counts
from accounts.refusal import Refusal

PERIOD_S = 3600
TO_AN_ADDRESS = 5
FROM_AN_ADDRESS = 20


def count(email: str, asked_from: str) -> None:
    """Count a mail that is asked for. Raises Refusal beyond 5 an hour to an e-mail or 20 from a network address.

    Whether the e-mail is anybody's makes no difference.
    """
    if not settings.IS_RATE_LIMITED:
        return
    if counts.add("mail:from", asked_from, PERIOD_S) > FROM_AN_ADDRESS:
        raise Refusal("rate_limited", _("Too many mails were asked for from where you are: try again in an hour."))
    if counts.add("mail:to", email.lower(), PERIOD_S) > TO_AN_ADDRESS:
        raise Refusal(
            "rate_limited",
            _("Several mails were asked for to this address: look into its folder for spam, or try again in an hour."),
            field="email",
        )
