"""Input limits for the admin: requests that the stock admin would answer with a server error (500).

`DeskSite.register` adds `Bounded` to every model admin, so that none can be registered without it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Field, ForeignKey, QuerySet

from dxportal.outages import find_outage

LONGEST = 200  # characters of a search term; each of its words is matched against every search field
WORDS = 8
PATTERNS = ("regex", "iregex")


def is_possible(field: Field[Any, Any], value: str) -> bool:
    """Tell whether a value fits the type and range of a column."""
    try:
        field.run_validators(field.to_python(value))
    except ValidationError:
        return False
    return True


class PossibleSelect(AutocompleteSelect):
    """Autocomplete select that ignores values that cannot be primary keys, instead of failing in the lookup."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> list[Any]:
        target = self.field.target_field
        groups: list[Any] = super().optgroups(name, [one for one in value if one and is_possible(target, one)], attrs)
        return groups


class BoundedReferences(BaseModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Mixin for model admins and inlines."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", PossibleSelect(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class BoundedChangeList(ChangeList):
    def get_results(self, request: Any) -> None:
        """Treat a database error under a filter as an invalid filter; outages are raised as they are."""
        try:
            super().get_results(request)
        except Exception as error:  # e.g. a year out of range; the exception depends on the engine
            if find_outage(error) is None and self.get_filters_params():
                raise IncorrectLookupParameters(error) from error
            raise


class Bounded(BoundedReferences, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Model admin without regex lookups, with short searches, and with validated primary keys and initial values."""

    def get_changelist(self, request: Any, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup.rpartition("__")[2] not in PATTERNS and super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request: Any, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        words = search_term.replace("\0", "")[:LONGEST].split()[:WORDS]
        return super().get_search_results(request, queryset, " ".join(words))

    def response_action(self, request: Any, queryset: QuerySet[Any], *arguments: Any) -> Any:
        if not all(is_possible(self.opts.pk, one) for one in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("An action names a row that cannot be.")
        return super().response_action(request, queryset, *arguments)

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if self.can_be(name, value)}

    def can_be(self, name: str, value: Any) -> bool:
        field = next((field for field in self.opts.fields if field.name == name), None)
        return field is not None and (not isinstance(field, ForeignKey) or is_possible(field.target_field, value))
