"""Recovery codes: ten, each for one sign-in without the factor that is not at hand."""

import secrets

from django.db import transaction

from accounts.actor import Actor
from accounts.factors import stepup, told
from accounts.models import RecoveryCodes, User
from audit import trail

COUNT = 10
#: At so many left, the pages say that it is time for new ones.
FEW = 3
#: Crockford's: no letter looks like a digit. Sixteen of them are 80 bits.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 16
_MISREAD = str.maketrans("oil", "011")


def renew(actor: Actor, user: User) -> list[str]:
    """Make new codes, which end those of before, and give them: the only time that they can be seen. Raises Refusal."""
    stepup.require(actor)
    made = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(COUNT)]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        kept = RecoveryCodes.objects.select_for_update().filter(user=user).first()
        kept = kept or RecoveryCodes(user=user, name="Recovery codes")
        kept.digests = [kept.digest(code) for code in made]
        kept.throttle_reset(commit=False)
        kept.save()
        trail.record(
            actor=actor.id,
            verb="factor.add",
            target=f"user:{user.pk}",
            after={"factor": "recovery", "count": COUNT},
            origin=actor.origin,
        )
    return [grouped(code) for code in made]


def grouped(code: str) -> str:
    """Write a code in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def canonical(code: str) -> str:
    """Read a code that was typed without its dashes, with what is easily misread put right."""
    return code.lower().translate(_MISREAD)


def is_well_formed(code: str) -> bool:
    """Tell whether this can be a recovery code (without its dashes)."""
    return len(code) == _LENGTH and set(canonical(code)) <= set(_ALPHABET)


def record_use(actor: Actor, device: RecoveryCodes) -> None:
    """Put on the trail that a code was used up, and how many are left; tell the person."""
    told.tell(actor, device.user, "use_recovery", left=len(device.digests))
    trail.record(
        actor=actor.id,
        verb="factor.use_recovery",
        target=f"user:{device.user_id}",
        after={"factor": "recovery", "count": len(device.digests)},
        origin=actor.origin,
    )
