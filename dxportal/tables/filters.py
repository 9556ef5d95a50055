"""The filters of tables: a form of what a query string may ask, and how it narrows rows."""

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
EVERY_YEAR = "all"  # in place of a year, where a table takes it


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of several values."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"empty_label": _("すべて")} | options)


class DisplayFilter(ChoiceFilter):
    """How rows are shown, or which table of rows is asked for; it leaves none out."""

    def filter(self, qs: Any, value: str) -> Any:
        return qs


class AnyOfFilter(django_filters.Filter):
    """Some of several values; with the lookup `in` one condition, however many are chosen."""

    field_class = MultipleChoiceField


class AmountFilter(django_filters.Filter):
    """Thousand yen, as people type them."""

    field_class = AmountField


class TableForm(forms.Form):
    """The parameters of a table. A blank is the same as none, and choices may be typed in any width and case.

    A value that is not understood is an error and stops no other: what a field may hold of the others stands, or else
    its initial value.
    """

    def __init__(self, data: QueryDict, prefix: str | None = None) -> None:
        self.unknown: list[str] = []
        self.data: MultiValueDict[str, Any]
        super().__init__(self.understood(data), prefix=prefix, label_suffix="")

    def understood(self, data: QueryDict) -> MultiValueDict[str, Any]:
        """What is asked without blanks and without unknown choices, which are told in `unknown`."""
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
            self.data[name] = self.data[name][:LONGEST]  # it is shown again
        for sentence in self.unknown:
            self.add_error(None, sentence)

    def sentences(self) -> list[str]:
        """All errors; those of a field are told with its label and what it holds."""
        sentence = gettext("%(field)s「%(value)s」：%(error)s")
        return [str(error) for error in self.non_field_errors()] + [
            sentence % {"field": self.fields[name].label, "value": self.data[name][:20], "error": error}
            for name, errors in self.errors.items()
            for error in errors
            if name != NON_FIELD_ERRORS
        ]


def meaning(name: str, value: str) -> str:
    """The value that a text means, as choices have it: a year by the Western year, a code in plain letters."""
    if name not in YEARS:
        return fold_name(value)
    try:
        return str(parse_fiscal_year(value))
    except UnreadableError:
        return value


class TableFilters(django_filters.FilterSet):
    """The filters of a table: `qs` has the rows for which all holds that was understood, `errors` say what was not."""

    table: Table
    found_by: tuple[str, ...] = ("pk",)  # which of the rows around a row may hold a word that is asked for

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
        """Set the choices of a filter; as a function they are not copied with every field."""
        self.filters[name].extra.update(choices=lambda: values)

    def total_of(self, rows: Any) -> AnyTotal:
        """Count rows of the table, and add up what they state."""
        return RowCount(rows.count())

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        """Rows in or around which every word is found, written in whichever way; no synonyms."""
        return rows.filter(holding(Query.of(value), self.found_by))

    @property
    def problems(self) -> list[str]:
        """What was not understood, in sentences."""
        return self.form.sentences()

    @cached_property
    def asked(self) -> dict[str, Any]:
        """What was understood, by parameter: text, number, or a list where a parameter may repeat."""
        self.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value not in ("", None, [])}

    def known(self, name: str) -> list[tuple[str, Any]]:
        """The choices of a parameter with their words; none where the table has no such parameter, or anything goes."""
        choices = getattr(self.form.fields.get(name), "choices", ())
        return [(value, word) for value, word in choices if value]

    def word(self, name: str) -> str:
        """What was understood of a parameter, as people read it."""
        value = self.asked[name]
        values = value if isinstance(value, list) else [value]
        words = dict(self.known(name))
        return gettext("、").join(str(words.get(one, f"{one:,}" if isinstance(one, int) else one)) for one in values)

    @property
    def fiscal_year(self) -> int:
        """The year that is asked for; 0 where that is none, or every one."""
        return 0 if self.is_of_every_year else int(self.asked.get("year", 0))

    @property
    def groupings(self) -> list[tuple[str, Any]]:
        """What the rows can be grouped by, with its word."""
        return self.known("group")

    @property
    def is_of_every_year(self) -> bool:
        return self.asked.get("year") == EVERY_YEAR
