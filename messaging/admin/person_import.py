"""Importing people: a file is handed in, looked at with its report, and imported; and how far that is."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from kombu.exceptions import OperationalError

from accounts.actor import Actor
from accounts.admin.deed import Deed
from accounts.admin.listing import Listing
from accounts.admin.table import Cell, Words, table
from accounts.models import PersonImport, User
from accounts.people import csv_file, imports
from accounts.refusal import Refusal
from messaging import people_import as into_channels
from messaging import tasks

#: Faults on a page of the report.
FAULTS = 50


def _places() -> list[tuple[str, Words]]:
    return [(reverse("admin:accounts_user_changelist"), _("People"))]


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_(
            "UTF-8, at most 5 MB and 50,000 rows. The first line has the headings: username, name, email; and as you "
            "like role (member or guest) and channels (names of public ones, with | between them)."
        ),
    )

    is_inviting = forms.BooleanField(
        label=_("Invite each person by e-mail"),
        required=False,
        help_text=_("Once they are imported. Without this nobody is told: invite them later, one by one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.PUBLIC_URL:  # a mail's link has to lead somewhere
            del self.fields["is_inviting"]

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse what is too large before it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > csv_file.LARGEST_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB: split it into smaller files."))
        return file


class Upload(Deed):
    """Hand in a file, which imports nobody yet."""

    verb = "person.import"
    title = _("Import people from a file")
    button = _("Look at the file")
    form_class = FileForm

    draft: PersonImport | None = None

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return _places()

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [_("Nobody is imported yet: the file is looked at, and you see what is wrong with which row.")]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Look at it."""
        data = given["file"].read(csv_file.LARGEST_BYTES + 1)
        faults = into_channels.unknown_channels(data)
        self.draft = imports.check(
            actor, given["file"].name, data, is_inviting=given.get("is_inviting", False), faults=faults
        )
        return ""

    def next_url(self) -> str:
        """Show the report."""
        assert self.draft is not None
        return reverse("admin:accounts_personimport_change", args=[self.draft.pk])


class Start(Deed):
    """Import a file that was looked at."""

    verb = "person.import"
    title = _("Import the people")
    button = _("Import them")
    is_final = True
    target: PersonImport

    def targets(self) -> QuerySet[Any]:
        """Give the files that were looked at."""
        return PersonImport.objects.filter(state=PersonImport.State.CHECKED).defer("content", "faults")

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        report = reverse("admin:accounts_personimport_change", args=[self.target.pk])
        return [*_places(), (report, self.target.filename)]

    def consequences(self) -> list[Words]:
        """Say what happens."""
        count = self.target.rows
        return [
            ngettext("%s person gets an account.", "%s people get an account each.", count) % f"{count:,}",
            _("They are all imported, or nobody is. They can't sign in before they are invited."),
            _("Each gets an invitation by e-mail.") if self.target.is_inviting else _("Nobody gets a mail."),
            _("An account is not deleted again: it can be deactivated."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Have it imported."""
        try:
            with transaction.atomic():
                imports.start(actor, self.target)
                tasks.import_people.apply_async([self.target.pk], countdown=1, retry=False)
        except OperationalError:
            raise Refusal("unavailable", _("The queue is away, so nobody was imported. Try again later.")) from None
        return ""


class Imports(Listing):
    """Files that were handed in, and what became of them."""

    verbs = ("person.import",)
    title = _("Imports")
    intro = _("Files of people that were handed in. A file itself is forgotten when it has been imported.")
    doors: ClassVar = ((_("Import from a file"), "admin:person_import", "person.import"),)
    page_template = "admin/person_import.html"
    list_display = ("name", "who", "when", "state", "count")
    ordering = ("-id",)
    list_select_related = ("uploaded_by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PersonImport]:
        """Give the files without their contents."""
        found: QuerySet[PersonImport] = super().get_queryset(request)
        return found.defer("content", "faults")

    def page_queryset(self, request: HttpRequest) -> QuerySet[PersonImport]:
        """Give them with what is wrong."""
        return PersonImport.objects.defer("content").select_related("uploaded_by")

    @admin.display(description=_("File"))
    def name(self, draft: PersonImport) -> str:
        """Name it."""
        return draft.filename

    @admin.display(description=_("Handed in by"))
    def who(self, draft: PersonImport) -> str:
        """Say by whom."""
        return draft.uploaded_by.name

    @admin.display(description=_("When"))
    def when(self, draft: PersonImport) -> Any:
        """Say when."""
        return draft.uploaded_at

    @admin.display(description=_("State"))
    def state(self, draft: PersonImport) -> Cell:
        """Say how it stands."""
        match draft.state:
            case PersonImport.State.DONE:
                return Cell(_("Imported"), tone="good")
            case PersonImport.State.FAILED:
                return Cell(_("Nobody imported"), tone="alert", note=draft.detail)
            case PersonImport.State.CHECKED:
                return Cell(_("Looked at"), tone="quiet")
        return Cell(_("Under way"))

    @admin.display(description=_("People"))
    def count(self, draft: PersonImport) -> str:
        """Count them."""
        return f"{draft.created:,}" if draft.created else f"{draft.rows:,}"

    def page_context(self, request: HttpRequest, found: PersonImport) -> dict[str, Any]:
        """Show the report, or how far the import is."""
        page = Paginator(found.faults, FAULTS).get_page(request.GET.get("p"))
        headings: list[Words] = [_("Line"), _("Field"), _("What is wrong"), _("What would be right")]
        rows = [[_("Line %s") % line, field or "–", wrong, right] for line, field, wrong, right in page]
        return {
            "title": found.filename,
            "trail_of_pages": [*_places(), (self.list_url, self.title)],
            "is_under_way": found.state in PersonImport.UNDER_WAY,
            "state": self.state(found),
            "table": table(headings, rows, _("Nothing is wrong with this file.")),
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "can_start": found.state == PersonImport.State.CHECKED and found.rows and not found.fault_count,
            "is_own": isinstance(request.user, User) and request.user.pk == found.uploaded_by_id,
        }


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Upload.at(site, "people/import/", "person_import"),
        Start.at(site, "people/imports/<int:pk>/start/", "person_import_start"),
    ]
