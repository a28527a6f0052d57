"""A filter that narrows from the beginning: the first choice counts where none is made."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.utils.translation import gettext_lazy as _

ALL = "all"


class DefaultFilter(admin.SimpleListFilter):
    """Offers its choices, and everything as the last one."""

    def chosen(self) -> str:
        """Give the choice that counts."""
        return self.value() or str(self.lookup_choices[0][0])

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Give the choices; the first one is the list's plain address."""
        default = str(self.lookup_choices[0][0])
        for value, title in [*self.lookup_choices, (ALL, _("All"))]:
            name = str(value)
            parameter = str(self.parameter_name)
            query = {} if name == default else {parameter: name}
            yield {
                "selected": self.chosen() == name,
                "query_string": changelist.get_query_string(query, [] if query else [parameter]),
                "display": title,
            }
