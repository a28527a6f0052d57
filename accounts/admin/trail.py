"""The trail for its readers: the newest first, narrowed by verb, person and time. Nothing here changes anything."""

import json
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.admin import asking, first_fault, verifications
from accounts.authority import trail_readers
from accounts.models import User
from audit import browsing, personal
from audit.browsing import Sought
from audit.models import Entry

PAGE = 50
#: The verbs of the table that open the trail to somebody (`accounts.authority.trail_readers`).
VERBS = ("trail.read", "owner.grant", "case.open")


class SoughtForm(forms.Form):
    """What to look for."""

    verb = forms.CharField(label=_("Deed"), required=False, max_length=64)
    person = forms.CharField(label=_("Person"), required=False, max_length=64)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].widget.attrs["placeholder"] = "role.grant"
        self.fields["person"].widget.attrs["placeholder"] = _("username")

    def clean_person(self) -> User | None:
        """Find who it is."""
        username = self.cleaned_data["person"].strip().lstrip("@")
        if not username:
            return None
        found = User.objects.filter(username__iexact=username).first()
        if found is None:
            raise forms.ValidationError(_("There is nobody of this username."))
        return found

    def sought(self) -> Sought:
        """Give what to look for; what could not be read narrows nothing."""
        given: dict[str, Any] = getattr(self, "cleaned_data", {})
        person, since, until = given.get("person"), given.get("since"), given.get("until")
        return Sought(
            verb=given.get("verb") or "",
            person=person.pk if person else None,
            since=datetime.combine(since, time.min, UTC) if since else None,
            until=datetime.combine(until, time.max, UTC) if until else None,
        )


@require_GET
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show a page of the trail to somebody who may read some of it."""
    readable = trail_readers.of(asking.of(request).verbs)
    if not readable.shown:
        raise PermissionDenied
    form = SoughtForm(request.GET)
    entries: list[Entry] = []
    if form.is_valid():
        before = form.cleaned_data["before"]
        entries = browsing.latest(readable.shown, form.sought(), before=before, limit=PAGE + 1)
    shown = entries[:PAGE]
    context = {
        "title": _("Trail"),
        "form": form,
        "first_fault": first_fault.focus(form),
        "fields": [form[name] for name in ("verb", "person", "since", "until")],
        "entries": _described(shown, readable),
        "older": _older(request, shown[-1].number) if len(entries) > PAGE else "",
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "has_sealed": bool(readable.sealed),
        "sees_verifications": asking.of(request).may(*verifications.VERBS),
    }
    return TemplateResponse(request, "admin/trail.html", site.each_context(request) | context)


def _older(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["before"] = str(number)
    return f"?{query.urlencode()}"


def _described(entries: list[Entry], readable: trail_readers.Readable) -> list[dict[str, Any]]:
    """Give each entry as it is shown; of a sealed one that it is there."""
    open_ones = [entry for entry in entries if entry.category in readable.open]
    personal.of(open_ones)
    people = {entry.actor_id for entry in open_ones} | {_person(entry) for entry in open_ones}
    names = User.objects.in_bulk([id for id in people if id is not None])
    return [
        _open(entry, names)
        if entry.category in readable.open
        else {"number": entry.number, "at": entry.at, "is_sealed": True}
        for entry in entries
    ]


def _person(entry: Entry) -> int | None:
    kind, _colon, id = entry.target.partition(":")
    return int(id) if kind == "user" and id.isdecimal() and len(id) < 19 else None


def _nobody(entry: Entry) -> Any:
    """Say who acted where it was nobody of this workspace."""
    if entry.actor_id is not None:
        return entry.actor_id
    return _("Parley itself") if (entry.origin or {}).get("via") == "system" else _("the operator")


def _open(entry: Entry, names: dict[int, User]) -> dict[str, Any]:
    actor, target = names.get(entry.actor_id or 0), names.get(_person(entry) or 0)
    told = {"before": entry.before, "after": entry.after, "origin": entry.origin}
    return {
        "number": entry.number,
        "at": entry.at,
        "verb": entry.verb,
        "actor": f"@{actor.username}" if actor else _nobody(entry),
        "actor_url": reverse("admin:accounts_user_change", args=[actor.pk]) if actor else "",
        "target": f"@{target.username}" if target else entry.target,
        "target_url": reverse("admin:accounts_user_change", args=[target.pk]) if target else "",
        "data": json.dumps({key: value for key, value in told.items() if value}, indent=2, ensure_ascii=False),
        "erased": ", ".join(entry.erased),
        "digest": bytes(entry.digest).hex(),
    }


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the address."""
    return [path("trail/", site.admin_view(page), {"site": site}, name="trail")]
