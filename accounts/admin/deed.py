"""A page that does something: it says what will happen, asks for what it needs, and does it when told to."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views import View

from accounts.actor import Actor
from accounts.admin import asking, first_fault
from accounts.admin.table import Words
from accounts.refusal import Refusal


class Deed(View):
    """One deed's page. Its rights are the domain's, asked before the page is shown and again when it is done."""

    site: AdminSite | None = None
    verb: ClassVar[str] = ""
    title: ClassVar[Words]
    button: ClassVar[Words]
    form_class: ClassVar[type[Form]] = Form
    #: Whether it can't be undone: the button says so by its colour.
    is_final: ClassVar[bool] = False
    template_name: ClassVar[str] = "admin/deed.html"
    http_method_names = ["get", "post"]

    request: HttpRequest
    #: What the deed is about; None where it makes something new.
    target: Any = None

    @classmethod
    def at(cls, site: AdminSite, route: str, name: str) -> URLPattern:
        """Give the address of the page within the administration."""
        return path(route, site.admin_view(cls.as_view(site=site)), name=name)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Ask for the rights and find what it is about, then show or do it."""
        if "pk" in kwargs:
            self.target = get_object_or_404(self.targets(), pk=kwargs["pk"])
        if verb := self.asked_verb():
            asking.require_now(request, verb)
        return super().dispatch(request, *args, **kwargs)

    def asked_verb(self) -> str:
        """Name the verb that opens this page; empty where the domain alone decides."""
        return self.verb

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show what will happen."""
        return self.show(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do it, or say at the field why not."""
        form = self.form(request.POST, request.FILES)
        if form.is_valid():
            try:
                done = self.do(self.actor, form.cleaned_data)
            except Refusal as refusal:
                if refusal.code == "step_up":
                    raise
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
            else:
                if isinstance(done, HttpResponse):
                    return done
                if done:
                    messages.success(request, str(done))
                return HttpResponseRedirect(self.next_url())
        return self.show(form, status=422)

    @property
    def actor(self) -> Actor:
        """Give who does it."""
        return asking.of(self.request).actor

    def show(self, form: Form, status: int = 200) -> HttpResponse:
        """Answer with the page."""
        context = {
            "title": self.title,
            "button": self.button,
            "is_final": self.is_final,
            "form": form,
            "first_fault": first_fault.focus(form),
            "target": self.target,
            "consequences": self.consequences(),
            "back_url": self.back_url(),
            "trail_of_pages": self.places(),
        }
        return self.answer(self.template_name, context | self.more(), status)

    def answer(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        """Answer with a page of the administration."""
        assert self.site is not None
        shared = self.site.each_context(self.request)
        return TemplateResponse(self.request, template, shared | context, status=status)

    def form(self, data: Any = None, files: Any = None) -> Form:
        """Make the form."""
        return self.form_class(data, files, initial=self.initial())

    def initial(self) -> dict[str, Any]:
        """Give what the form holds at first."""
        return {}

    def targets(self) -> QuerySet[Any]:
        """Give what it can be about."""
        raise NotImplementedError

    def consequences(self) -> list[Words]:
        """Name what will happen, a sentence each."""
        return []

    def more(self) -> dict[str, Any]:
        """Give what else the page shows."""
        return {}

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above this one: address and title."""
        return []

    def do(self, actor: Actor, given: dict[str, Any]) -> Words | HttpResponse:
        """Do it by one call of the domain, and say what was done, or answer with a page. Raises Refusal."""
        raise NotImplementedError

    def back_url(self) -> str:
        """Give where one goes without doing it."""
        places = self.places()
        return places[-1][0] if places else "/admin/"

    def next_url(self) -> str:
        """Give where one goes after it."""
        return self.back_url()
