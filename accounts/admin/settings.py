"""The workspace's settings, as one form made of their table."""

from collections.abc import Collection
from itertools import groupby
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import workspace
from accounts.actor import Actor
from accounts.admin import asking
from accounts.admin.deed import Deed
from accounts.admin.table import Words
from accounts.models import Setting
from accounts.options import OPTIONS, Option

#: A text setting that takes more than a line.
LONG_TEXTS = frozenset({"notice"})


_WHY_CLOSED = _("It guards administrators and officers, so only an owner changes it.")


def _shown(option: Option, value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


class SettingsForm(forms.Form):
    """A field for each setting, with its help and its own error; those that are `closed` can be read only."""

    def __init__(self, *args: Any, closed: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for option in OPTIONS.values():
            is_closed = option.name in closed
            widget = _widget(option)
            widget.attrs |= {"disabled": True} if is_closed else {}
            self.fields[option.name] = forms.CharField(
                label=str(option.title),
                help_text=f"{option.help} {_WHY_CLOSED}" if is_closed else str(option.help),
                required=False,
                widget=widget,
            )

    def clean(self) -> dict[str, Any]:
        """Read each value, so that every mistake is told at once."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, given in list(cleaned.items()):
            try:
                OPTIONS[name].read(given)
            except ValueError as error:
                self.add_error(name, str(error))
        return cleaned


def _widget(option: Option) -> forms.Widget:
    if isinstance(option.default, list):
        return forms.Textarea({"rows": 4})
    if isinstance(option.default, int):
        return forms.NumberInput({"inputmode": "numeric"})
    return forms.Textarea({"rows": 6}) if option.name in LONG_TEXTS else forms.TextInput()


class Settings(Deed):
    """Change settings."""

    verb = "settings.change"
    title = _("Settings")
    button = _("Save")
    form_class = SettingsForm
    template_name = "admin/settings.html"

    def initial(self) -> dict[str, Any]:
        """Begin with what is there."""
        return {option.name: _shown(option, workspace.value(option.name)) for option in OPTIONS.values()}

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Make the form. A browser sends nothing of a field that it only shows: such a setting stays as it is."""
        asks, initial = asking.of(self.request), self.initial()
        closed = {option.name for option in OPTIONS.values() if not asks.may(option.verb)}
        if data is not None:
            data = {name: initial[name] for name in closed} | data.dict()
        return SettingsForm(data, files, initial=initial, closed=closed)

    def more(self) -> dict[str, Any]:
        """Give who changed what."""
        changed = Setting.objects.select_related("changed_by").order_by("-changed_at")
        return {"changed": {setting.name: setting for setting in changed}}

    def show(self, form: forms.Form, status: int = 200) -> Any:
        """Answer with the page, the fields by section."""
        answer: Any = super().show(form, status)
        answer.context_data["sections"] = [
            (section, [form[option.name] for option in options])
            for section, options in groupby(OPTIONS.values(), key=lambda option: option.section)
        ]
        return answer

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Change what differs."""
        count = len(workspace.change(actor, given))
        if not count:
            return _("Nothing was different.")
        return ngettext("%s setting changed.", "%s settings changed.", count) % count

    def back_url(self) -> str:
        """Stay here."""
        return reverse("admin:settings")


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [Settings.at(site, "settings/", "settings")]
