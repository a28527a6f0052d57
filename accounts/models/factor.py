"""Second factors, each a device of django-otp."""

import base64
import hashlib
import logging
import time
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp.models import Device, DeviceManager, ThrottlingMixin, TimestampMixin

from accounts import sealing
from accounts.factors import totp
from accounts.models.person import User

#: After a wrong code one waits 1, 2, 4, 8 … seconds, and never longer than this: nobody can be shut out for good.
LONGEST_WAIT = timedelta(minutes=5)
#: For so long a passkey knows which challenges it has answered: far longer than they count, as clocks can be set back.
SPENT_FOR_S = 86_400

logger = logging.getLogger(__name__)


class Throttled(ThrottlingMixin):  # type: ignore[misc]
    """Waits longer after each wrong code, across all sessions."""

    class Meta:
        abstract = True

    def get_throttle_factor(self) -> int:
        """Give the wait after the first wrong code, in seconds."""
        return 1

    def verify_is_allowed(self) -> tuple[bool, dict[str, Any] | None]:
        """Tell whether a code may be tried now; else `locked_until` says when."""
        allowed, why = super().verify_is_allowed()
        if allowed:
            return True, None
        failed_at, now = self.throttling_failure_timestamp, timezone.now()
        if failed_at > now + LONGEST_WAIT:  # before the clock was set back: nobody is shut out until then
            return True, None
        until = min(why["locked_until"], failed_at + LONGEST_WAIT)
        return until <= now, why | {"locked_until": until}


class AuthenticatorApp(Throttled, TimestampMixin, Device):  # type: ignore[misc]
    """An app that shows a code of six digits (TOTP). Its secret is sealed; no code counts twice."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key_id = models.CharField(max_length=16)
    sealed = models.BinaryField(max_length=128)
    #: The step of the last code that was taken: an earlier one, or this one again, is refused.
    last_step = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager["AuthenticatorApp"]] = DeviceManager()

    class Meta:
        db_table = "factor_app"

    @property
    def bound_to(self) -> str:
        """Say for whom the secret is sealed."""
        return f"authenticator app of user {self.user_id}"

    @property
    def secret(self) -> bytes:
        """Open the secret. Raises sealing.Unopenable."""
        return sealing.unseal(sealing.Sealed(self.key_id, bytes(self.sealed)), self.bound_to)

    def keep(self, secret: bytes) -> None:
        """Seal a secret into this row (not saved). Needs a transaction."""
        self.key_id, self.sealed = sealing.seal(secret, self.bound_to)

    def verify_token(self, token: str) -> bool:
        """Take a code, once. The row must be locked by the caller."""
        if not self.verify_is_allowed()[0]:
            return False
        try:
            step = totp.matching_step(self.secret, token, after=self.last_step)
        except sealing.Unopenable:
            logger.exception("factor_app %s can't be opened", self.pk)
            return False
        if step is None:
            self.throttle_increment()
            return False
        self.last_step = step
        self.set_last_used_timestamp(commit=False)
        self.throttle_reset(commit=False)
        self.save()
        return True


class Passkey(TimestampMixin, Device):  # type: ignore[misc]
    """A WebAuthn credential of somebody. Nothing here is secret."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField(max_length=2048)
    #: What the authenticator counted last; 0 for those that don't count.
    sign_count = models.BigIntegerField(default=0)
    #: By what name the authenticator knows the person: the same for all of a person's passkeys.
    user_handle = models.BinaryField(max_length=64)
    transports = ArrayField(models.CharField(max_length=32), default=list)
    #: The host's name for which it was made: it works nowhere else.
    relying_party = models.CharField(max_length=253)
    is_backed_up = models.BooleanField(default=False)
    #: Challenges that it has answered lately, each with the time (Unix, seconds) after which it is forgotten.
    spent = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Passkey"]] = DeviceManager()

    class Meta:
        db_table = "factor_passkey"

    def spend(self, challenge: bytes) -> bool:
        """Note that a challenge was answered (not saved); False where that was before. The row must be locked."""
        now, name = time.time(), base64.b64encode(challenge).decode()
        lately = {each: until for each, until in self.spent.items() if until > now}
        self.spent = lately | {name: now + SPENT_FOR_S}
        return name not in lately


class RecoveryCodes(Throttled, TimestampMixin, Device):  # type: ignore[misc]
    """Somebody's recovery codes that are not used up, as hashes."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    #: Hexadecimal SHA-256; codes have 80 random bits, so a fast hash will do.
    digests = ArrayField(models.CharField(max_length=64), default=list)

    objects: ClassVar[models.Manager["RecoveryCodes"]] = DeviceManager()

    class Meta:
        db_table = "factor_recovery"
        constraints = [models.UniqueConstraint(fields=["user"], name="factor_recovery_once")]

    def digest(self, code: str) -> str:
        """Hash a code for this person."""
        return hashlib.sha256(f"{self.user_id}:{code}".encode()).hexdigest()

    def verify_token(self, token: str) -> bool:
        """Take a code and use it up. The row must be locked by the caller."""
        if not self.verify_is_allowed()[0]:
            return False
        given = self.digest(token)
        left = [kept for kept in self.digests if not constant_time_compare(kept, given)]
        if len(left) == len(self.digests):
            self.throttle_increment()
            return False
        self.digests = left
        self.set_last_used_timestamp(commit=False)
        self.throttle_reset(commit=False)
        self.save()
        return True
