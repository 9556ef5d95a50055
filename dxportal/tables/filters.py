"""Base classes of the tables' filters: the form that validates a query string and the filter set that applies it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ChoiceField, MultipleChoiceField

from dxportal.form_fields import AmountField
from dxportal.search.matching import holding
from dxportal.search.queries import LONGEST, Query
from dxportal.tables.filter_choices import PARAMETERS, YEARS, Choices
from dxportal.tables.registry import BUDGETS
from dxportal.tables.table import Table
from dxportal.tables.totals import AnyTotal, RowCount
from dxportal.typed_values import UnreadableError, fold_name, parse_fiscal_year

YEAR = BUDGETS.by_name["fiscal_year"].label
GROUPS = {"department": _("部局"), "area": _("分野"), "sakigake": _("重点プロジェクト"), "year": _("年度")}
UNITS = {"thousand": _("千円"), "words": _("万円・億円")}
EVERY_YEAR = "all"  # value of `year` for all fiscal years, if the table allows it


class ChoiceFilter(django_filters.ChoiceFilter):
    """Filter by one choice."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"empty_label": _("すべて")} | options)


class DisplayFilter(ChoiceFilter):
    """Parameter that changes how rows are shown, or from which rows to start, but filters nothing."""

    def filter(self, qs: Any, value: str) -> Any:
        return qs


class AnyOfFilter(django_filters.Filter):
    """Filter by any of several choices: one condition, with the lookup `in`."""

    field_class = MultipleChoiceField


class AmountFilter(django_filters.Filter):
    """Filter by an amount in thousand yen, in any notation that `parse_amount` reads."""

    field_class = AmountField


class TableForm(forms.Form):
    """Form of a table's query parameters. Blanks are ignored; choices match in any width and case.

    An invalid value is reported and dropped: the field keeps its valid values, or else takes its initial value, and
    the other parameters still apply.
    """

    def __init__(self, data: QueryDict, prefix: str | None = None) -> None:
        self.unknown: list[str] = []
        self.data: MultiValueDict[str, Any]
        super().__init__(self.understood(data), prefix=prefix, label_suffix="")

    def understood(self, data: QueryDict) -> MultiValueDict[str, Any]:
        """Return the parameters without blanks and unknown choices, and with defaults; report unknown in `unknown`."""
        understood: MultiValueDict[str, Any] = MultiValueDict()
        for name, field in self.base_fields.items():
            values = [value.strip() for value in data.getlist(name) if value.strip()]
            if values and isinstance(field, ChoiceField | MultipleChoiceField):
                values = self.among_choices(name, field, values)
            if values or field.initial:
                understood.setlist(name, values or [str(field.initial)])
        return understood

    def among_choices(self, name: str, field: Any, values: list[str]) -> list[str]:
        known, found = {value for value, _ in field.choices}, []
        for value in dict.fromkeys(values):
            if (meant := meaning(name, value)) in known:
                found.append(meant)
            else:
                sentence = gettext("「%(value)s」という%(field)sはありません。")
                self.unknown.append(sentence % {"value": value[:20], "field": field.label})
        return found

    def clean(self) -> None:
        for name in self.errors:
            self.data[name] = self.data[name][:LONGEST]  # the form shows the rejected value again
        for sentence in self.unknown:
            self.add_error(None, sentence)

    def sentences(self) -> list[str]:
        """Return all errors as sentences; those of a field with its label and value."""
        sentence = gettext("%(field)s「%(value)s」：%(error)s")
        return [str(error) for error in self.non_field_errors()] + [
            sentence % {"field": self.fields[name].label, "value": self.data[name][:20], "error": error}
            for name, errors in self.errors.items()
            for error in errors
            if name != NON_FIELD_ERRORS
        ]


def meaning(name: str, value: str) -> str:
    """Normalise a typed value to the form of the choices: years as Western years, codes folded."""
    if name not in YEARS:
        return fold_name(value)
    try:
        return str(parse_fiscal_year(value))
    except UnreadableError:
        return value


class TableFilters(django_filters.FilterSet):
    """Filter set of a table: `qs` applies the valid parameters, `problems` reports the invalid ones."""

    table: Table
    found_by: tuple[str, ...] = ("pk",)  # paths to the rows that `q` searches: the row itself and related ones

    year: ChoiceFilter | None = ChoiceFilter("fiscal_year", label=YEAR, empty_label=None)
    q = django_filters.CharFilter(label=_("語句"), method="by_words", max_length=LONGEST)
    department = AnyOfFilter("department__code", "in", label=_("部局"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        form = TableForm

    def __init__(self, data: QueryDict, choices: Choices, queryset: Any = None) -> None:
        super().__init__(data, queryset)
        self.choices = choices
        for name in PARAMETERS & self.filters.keys():
            self.offer(name, choices.of(name))
        if "year" in self.filters:
            self.filters["year"].extra.update(initial=choices.latest)

    def offer(self, name: str, values: list[tuple[str, Any]]) -> None:
        """Set the choices of a filter, as a callable, so that they are not copied with every field."""
        self.filters[name].extra.update(choices=lambda: values)

    def total_of(self, rows: Any) -> AnyTotal:
        """Return the row count and, if the table has amounts, their sums."""
        return RowCount(rows.count())

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        """Keep rows that contain every word, themselves or in a row of `found_by`; normalised, without synonyms."""
        return rows.filter(holding(Query.of(value), self.found_by))

    @property
    def problems(self) -> list[str]:
        """Validation errors as sentences."""
        return self.form.sentences()

    @cached_property
    def asked(self) -> dict[str, Any]:
        """Valid parameters by name: a text, a number, or a list if the parameter may repeat."""
        self.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value not in ("", None, [])}

    def known(self, name: str) -> list[tuple[str, Any]]:
        """Return (value, label) of a parameter's choices; [] for an unknown parameter or one without choices."""
        choices = getattr(self.form.fields.get(name), "choices", ())
        return [(value, word) for value, word in choices if value]

    def word(self, name: str) -> str:
        """Return the label of a parameter's valid value; labels of several are joined."""
        value = self.asked[name]
        values = value if isinstance(value, list) else [value]
        words = dict(self.known(name))
        return gettext("、").join(str(words.get(one, f"{one:,}" if isinstance(one, int) else one)) for one in values)

    @property
    def fiscal_year(self) -> int:
        """The fiscal year filtered by; 0 for none or all years."""
        return 0 if self.is_of_every_year else int(self.asked.get("year", 0))

    @property
    def groupings(self) -> list[tuple[str, Any]]:
        """Choices of `group`: (value, label)."""
        return self.known("group")

    @property
    def is_of_every_year(self) -> bool:
        return self.asked.get("year") == EVERY_YEAR
