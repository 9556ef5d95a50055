"""Input limits for the admin: requests that the stock admin would answer with a server error (500).

`DeskAdminSite.register` adds `BoundedModelAdmin` to every model admin, so that none can be registered without it.
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

MAX_SEARCH_LENGTH = 200  # characters of a search term; each of its words is matched against every search field
MAX_SEARCH_WORDS = 8
REGEX_LOOKUPS = ("regex", "iregex")


def is_valid_value(field: Field[Any, Any], value: str) -> bool:
    """Tell whether a value fits the type and range of a column."""
    try:
        field.run_validators(field.to_python(value))
    except ValidationError:
        return False
    return True


class ValidatingAutocompleteSelect(AutocompleteSelect):
    """Autocomplete select that ignores values that cannot be primary keys, instead of failing in the lookup."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> list[Any]:
        target = self.field.target_field
        values = [key for key in value if key and is_valid_value(target, key)]
        groups: list[Any] = super().optgroups(name, values, attrs)
        return groups


class BoundedReferencesMixin(BaseModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Mixin for model admins and inlines."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            widget = ValidatingAutocompleteSelect(db_field, self.admin_site, using=kwargs.get("using"))
            kwargs.setdefault("widget", widget)
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


class BoundedModelAdmin(BoundedReferencesMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Model admin without regex lookups, with short searches, and with validated primary keys and initial values."""

    def get_changelist(self, request: Any, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup.rpartition("__")[2] not in REGEX_LOOKUPS and super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request: Any, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        words = search_term.replace("\0", "")[:MAX_SEARCH_LENGTH].split()[:MAX_SEARCH_WORDS]
        return super().get_search_results(request, queryset, " ".join(words))

    def response_action(self, request: Any, queryset: QuerySet[Any], *arguments: Any) -> Any:
        if not all(is_valid_value(self.opts.pk, key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("An action names a row that cannot be.")
        return super().response_action(request, queryset, *arguments)

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if self.is_valid_initial(name, value)}

    def is_valid_initial(self, name: str, value: Any) -> bool:
        field = next((field for field in self.opts.fields if field.name == name), None)
        return field is not None and (not isinstance(field, ForeignKey) or is_valid_value(field.target_field, value))
