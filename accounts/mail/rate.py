"""How many mails somebody may ask for: by the address that they go to, and by where they are asked for."""

import hashlib
import logging

import redis
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from accounts.refusal import Refusal

log = logging.getLogger(__name__)

PERIOD_S = 3600
TO_AN_ADDRESS = 5
FROM_AN_ADDRESS = 20


def count(email: str, asked_from: str) -> None:
    """Count a mail that is asked for. Raises Refusal beyond 5 an hour to an e-mail or 20 from a network address.

    Whether the e-mail is anybody's makes no difference.
    """
    if not settings.IS_RATE_LIMITED:
        return
    if _counted("from", asked_from) > FROM_AN_ADDRESS:
        raise Refusal("rate_limited", _("Too many mails were asked for from where you are: try again in an hour."))
    if _counted("to", email.lower()) > TO_AN_ADDRESS:
        raise Refusal(
            "rate_limited",
            _("Several mails were asked for to this address: look into its folder for spam, or try again in an hour."),
            field="email",
        )


def _counted(kind: str, who: str) -> int:
    key = f"mail:{kind}:{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()}"
    try:
        cache.add(key, 0, PERIOD_S)
        return int(cache.incr(key))
    except (redis.RedisError, ValueError):  # Redis is away, and with it the queue; or the hour ended between the two
        log.warning("Mails are not counted: Redis is away.")
        return 0
