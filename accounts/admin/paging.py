"""Pages of a list that stands within another page."""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

#: Rows on a page.
SIZE = 100
Row = TypeVar("Row", bound=Model)


def page_of(request: HttpRequest, rows: "QuerySet[Row]") -> "Page[Row]":
    """Give the page that was asked for by `?page=`; the nearest one there is, whatever was asked."""
    return Paginator(rows, SIZE).get_page(request.GET.get("page"))
