"""Bounds on what a request to the admin may ask: the stock admin answers some of it with an error of the server.

`DeskSite.register` puts `Bounded` over every table, so that none can be registered without it.
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

LONGEST = 200  # characters of a search; its words are looked for in every field
WORDS = 8
PATTERNS = ("regex", "iregex")


def is_possible(field: Field[Any, Any], value: str) -> bool:
    """Whether a column can hold the value: of its type, and within its range."""
    try:
        field.run_validators(field.to_python(value))
    except ValidationError:
        return False
    return True


class PossibleSelect(AutocompleteSelect):
    """A select that looks up the rows that may exist, and leaves out an identity that cannot be one."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> list[Any]:
        target = self.field.target_field
        groups: list[Any] = super().optgroups(name, [one for one in value if one and is_possible(target, one)], attrs)
        return groups


class BoundedReferences(BaseModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """For pages of a table and for its rows inside the page of another."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", PossibleSelect(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class BoundedChangeList(ChangeList):
    def get_results(self, request: Any) -> None:
        """Answer a filter that the database cannot evaluate as Django answers one that it cannot build."""
        try:
            super().get_results(request)
        except Exception as error:  # a year out of range, an integer too large: each engine has errors of its own
            if find_outage(error) is None and self.get_filters_params():
                raise IncorrectLookupParameters(error) from error
            raise


class Bounded(BoundedReferences, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """No patterns in filters, searches of a few words, and of identities and first values those that can be."""

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
