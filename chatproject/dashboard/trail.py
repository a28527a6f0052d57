"""Whether the trail is looked after: the last verification, the last checkpoint, and whether checkpoints leave."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Checkpoint, Delivery, Entry, Verification

#: After this a verification, which happens daily, is late.
VERIFIED_WITHIN = timedelta(days=2)
#: After this a checkpoint that should have left the host is late.
DELIVERED_WITHIN = timedelta(hours=1)


class Watch(NamedTuple):
    """What was last seen of the trail."""

    begun_at: datetime | None
    verification: Verification | None
    checkpoint: Checkpoint | None
    late: Delivery | None


def look() -> Watch:
    """Read when the trail began, the last of each, and a delivery that is late."""
    before = timezone.now() - DELIVERED_WITHIN
    late = Delivery.objects.filter(delivered_at=None, attempts__gt=0, checkpoint__at__lt=before)
    return Watch(
        Entry.objects.order_by("id").values_list("at", flat=True).first(),
        Verification.objects.order_by("-id").first(),
        Checkpoint.objects.defer("line").order_by("-id").first(),
        late.order_by("-id").first(),
    )


def warnings(watch: Watch) -> Iterator[str]:
    """Say what is to be seen to."""
    last = watch.verification
    seen_at = last.at if last else watch.begun_at
    if seen_at is not None and seen_at < timezone.now() - VERIFIED_WITHIN:
        yield _("The trail has not been verified for two days: see whether the worker runs, or run manage.py verify.")
    if last is not None and not last.is_ok:
        yield _("The last verification found that the trail is not whole: read what it says.")
    if watch.checkpoint is None:
        yield _("No checkpoint of the trail has been signed yet: see whether the signing process runs.")
    if all(to.strip().startswith("file:") for to in settings.CHECKPOINTS_TO.split(",") if to.strip()):
        yield _("Checkpoints don't leave this host: name a destination elsewhere in PARLEY_CHECKPOINTS_TO.")
    if watch.late is not None:
        yield _("A checkpoint has not reached %s for an hour.") % watch.late.destination
