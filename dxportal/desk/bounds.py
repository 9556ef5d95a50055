"""What an address of the admin may ask: the stock admin answers some of it with an error of the server."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, QuerySet

LONGEST = 200  # characters of a search; its words are looked for in every field
WORDS = 8
PATTERNS = ("regex", "iregex")


class Bounded(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """No patterns in filters, searches of a few words, and of the values for a new row those that can be."""

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup.rpartition("__")[2] not in PATTERNS and super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request: Any, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        words = search_term.replace("\0", "")[:LONGEST].split()[:WORDS]
        return super().get_search_results(request, queryset, " ".join(words))

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if self.can_be(name, value)}

    def can_be(self, name: str, value: Any) -> bool:
        field = next((field for field in self.opts.fields if field.name == name), None)
        if not isinstance(field, ForeignKey):
            return field is not None
        try:
            field.target_field.to_python(value)
        except ValidationError:
            return False
        return True
