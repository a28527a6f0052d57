"""A list in the administration, and the page of one row: Django's, with every way to change something taken out.

No add, change, delete, history, popup, action or lookup of Django's own is there: deeds have pages of their own
(`accounts.admin.deed`), which go through the domain.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin import asking
from accounts.admin.table import Row, Words, cell

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin

PAGE = 100


class Listing(_Admin):
    """A list that one of `verbs` opens, with a page for each row."""

    verbs: ClassVar[tuple[str, ...]]
    title: ClassVar[Words]
    intro: ClassVar[Words] = ""
    #: Buttons above the list: title, the address' name, and the verb that shows it.
    doors: ClassVar[tuple[tuple[Words, str, str], ...]] = ()
    #: Whether the first of them is what one mostly comes for.
    has_main_door: ClassVar[bool] = True
    page_template: ClassVar[str] = ""

    actions = None
    list_per_page = PAGE
    list_max_show_all = 0
    show_full_result_count = False
    change_list_template = "admin/listing.html"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Answer by verbs."""
        return asking.of(request).may(*self.verbs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Answer by verbs."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say no: what is added is added by a deed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Say no: what changes is changed by a deed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Say no: nothing here is deleted."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Let a list be narrowed by its filters, never by a field or a relation that nobody has named."""
        return lookup in {getattr(named, "parameter_name", None) for named in self.list_filter}

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Say no: nothing is looked up by another key."""
        return False

    def get_urls(self) -> list[Any]:
        """Give two addresses, and none of Django's others."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        found: list[URLPattern] = [path("", wrap(self.changelist_view), name=f"{name}_changelist")]
        if self.page_template:
            found.append(path("<int:pk>/", wrap(self.page_view), name=f"{name}_change"))
        return found

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list."""
        if request.method != "GET" or IS_POPUP_VAR in request.GET or TO_FIELD_VAR in request.GET:
            raise Http404
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None)
        if isinstance(response, TemplateResponse) and shown is not None and "cl" in shown:
            shown |= self._shown(request, shown["cl"])
        return response

    def _shown(self, request: HttpRequest, cl: ChangeList) -> dict[str, Any]:
        headers = list(result_headers(cl))
        self.prepare(request, list(cl.result_list))
        rows = [self._row(headers, cl, found) for found in cl.result_list]
        open_doors = [
            {"title": title, "url": reverse(name), "is_main": nth == 0 and self.has_main_door}
            for nth, (title, name, verb) in enumerate(self.doors)
            if asking.of(request).may(verb)
        ]
        return {"title": self.title, "intro": self.intro, "headers": headers, "rows": rows, "doors": open_doors}

    def _row(self, headers: list[dict[str, Any]], cl: ChangeList, found: Model) -> Row:
        cells = [cell(getattr(self, str(name))(found)) for name in cl.list_display]
        if self.page_template and not cells[0].url:
            cells[0] = cells[0]._replace(url=cl.url_for_result(found))
        return Row([(header["text"], shown) for header, shown in zip(headers, cells, strict=True)])

    def prepare(self, request: HttpRequest, found: list[Any]) -> None:
        """Look up what the rows of a page need, for all of them at once."""

    def page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the page of one row."""
        asking.require(request, *self.verbs)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        found = get_object_or_404(self.page_queryset(request), pk=pk)
        context = self.admin_site.each_context(request) | self.page_context(request, found)
        return TemplateResponse(request, self.page_template, {"object": found, "listing": self} | context)

    def page_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Give what has a page."""
        return self.get_queryset(request)

    def page_context(self, request: HttpRequest, found: Any) -> dict[str, Any]:
        """Give what the page shows."""
        return {"title": str(found)}

    @property
    def list_url(self) -> str:
        """Give the address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
