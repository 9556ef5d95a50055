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

from budgets.models import Measure
from budgets.years import SectionYears
from dxportal.form_fields import AmountField
from dxportal.search.matching import related_condition
from dxportal.search.queries import MAX_QUERY_LENGTH, Query
from dxportal.tables.filter_choices import PARAMETERS_WITH_CHOICES, YEAR_PARAMETERS, FilterChoices, label_years
from dxportal.tables.registry import BUDGETS
from dxportal.tables.table import Table
from dxportal.tables.totals import AnyTotal, RowCount
from dxportal.typed_values import UnreadableError, find_fiscal_year, fold_name, parse_fiscal_year

YEAR_LABEL = BUDGETS.by_name["fiscal_year"].label
# Values of `group` with their labels; Sakigake projects are called as the plan calls them.
GROUPING_LABELS = {"department": _("部局"), "area": _("分野"), "sakigake": _("プロジェクト"), "year": _("年度")}
UNIT_LABELS = {"thousand": _("千円"), "words": _("万円・億円")}
ALL_YEARS = "all"  # value of `year` for all fiscal years, if the table allows it


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


def department_filter(path: str) -> AnyOfFilter:
    return AnyOfFilter(path, "in", label=_("部局"), widget=forms.CheckboxSelectMultiple)


class AmountFilter(django_filters.Filter):
    """Filter by an amount in thousand yen, in any notation that `parse_signed_amount` reads."""

    field_class = AmountField


class TableForm(forms.Form):
    """Form of a table's query parameters. Blanks are ignored; choices match in any width and case.

    An invalid value is reported and dropped: the field keeps its valid values, or else takes its initial value, and
    the other parameters still apply.
    """

    def __init__(self, data: QueryDict, prefix: str | None = None) -> None:
        self.unknown_values: list[str] = []
        self.data: MultiValueDict[str, Any]
        super().__init__(self.clean_parameters(data), prefix=prefix, label_suffix="")

    def clean_parameters(self, data: QueryDict) -> MultiValueDict[str, Any]:
        """Return the parameters without blanks and unknown choices, and with defaults; fill `unknown_values`."""
        parameters: MultiValueDict[str, Any] = MultiValueDict()
        for name, field in self.base_fields.items():
            values = [value.strip() for value in data.getlist(name) if value.strip()]
            if values and isinstance(field, ChoiceField | MultipleChoiceField):
                values = self.match_choices(name, field, values)
            if values or field.initial:
                parameters.setlist(name, values or [str(field.initial)])
        return parameters

    def match_choices(self, name: str, field: Any, values: list[str]) -> list[str]:
        valid_values, matches = {value for value, _ in field.choices}, []
        for value in dict.fromkeys(values):
            if (normalized := normalize_parameter(name, value)) in valid_values:
                matches.append(normalized)
            else:
                sentence = gettext("「%(value)s」という%(field)sはありません。")
                self.unknown_values.append(sentence % {"value": value[:20], "field": field.label})
        return matches

    def clean(self) -> None:
        for name in self.errors:
            self.data[name] = self.data[name][:MAX_QUERY_LENGTH]  # the form shows the rejected value again
        for sentence in self.unknown_values:
            self.add_error(None, sentence)

    def error_sentences(self) -> list[str]:
        """Return all errors as sentences; those of a field with its label and value."""
        sentence = gettext("%(field)s「%(value)s」：%(error)s")
        return [str(error) for error in self.non_field_errors()] + [
            sentence % {"field": self.fields[name].label, "value": self.data[name][:20], "error": error}
            for name, errors in self.errors.items()
            for error in errors
            if name != NON_FIELD_ERRORS
        ]


def normalize_parameter(name: str, value: str) -> str:
    """Normalise a typed value to the form of the choices: years as Western years, codes folded."""
    if name not in YEAR_PARAMETERS:
        return fold_name(value)
    try:
        return str(parse_fiscal_year(value))
    except UnreadableError:
        return value


def find_requested_years(data: QueryDict, section: SectionYears) -> list[int]:
    """Return the known fiscal years among the values of `year`, in their order."""
    years = [find_fiscal_year(value, section.all_years) for value in data.getlist("year")]
    return [year for year in years if year is not None]


class TableFilters(django_filters.FilterSet):
    """Filter set of a table: `qs` applies the valid parameters, `problems` reports the invalid ones."""

    table: Table
    search_paths: tuple[str, ...] = ("pk",)  # paths to the rows that `q` searches: the row itself and related ones

    year: ChoiceFilter | None = ChoiceFilter("fiscal_year", label=YEAR_LABEL, empty_label=None)
    q = django_filters.CharFilter(label=_("語句"), method="filter_by_words", max_length=MAX_QUERY_LENGTH)
    department = department_filter("department__code")

    class Meta:
        form = TableForm

    def __init__(self, data: QueryDict, choices: FilterChoices, queryset: Any = None) -> None:
        super().__init__(data, queryset)
        self.choices = choices
        for name in PARAMETERS_WITH_CHOICES & self.filters.keys():
            self.set_choices(name, choices.for_parameter(name))
        if "year" in self.filters:
            section = self.section_years
            years = {*section.years, *find_requested_years(data, section), section.default} - {0}
            self.set_choices("year", label_years(sorted(years, reverse=True)))
            self.filters["year"].extra.update(initial=section.default)
        if "sakigake" in self.filters:
            self.filters["sakigake"].label = choices.sakigake_label
        if "group" in self.filters:
            by = gettext("%(group)s別")
            self.set_choices("group", [(value, by % {"group": self.group_label(value)}) for value in GROUPING_LABELS])

    @property
    def section_years(self) -> SectionYears:
        """The fiscal years of the table: it offers those in which it has rows, takes each known one, opens on one."""
        return self.choices.years.budgets

    def set_choices(self, name: str, values: list[tuple[str, Any]]) -> None:
        """Set the choices of a filter, as a callable, so that they are not copied with every field."""
        self.filters[name].extra.update(choices=lambda: values)

    def group_label(self, group: str) -> str:
        """Return the label of a value of `group`: of departments, areas, Sakigake projects or years."""
        return self.choices.sakigake_label if group == "sakigake" else str(GROUPING_LABELS[group])

    def total_of(self, rows: Any) -> AnyTotal:
        """Return the row count and, if the table has amounts, their sums."""
        return RowCount(rows.count())

    def filter_by_words(self, rows: Any, name: str, value: str) -> Any:
        """Keep rows that contain every word, themselves or in a row of `search_paths`; normalised, without synonyms."""
        return rows.filter(related_condition(Query.parse(value), self.search_paths))

    @property
    def problems(self) -> list[str]:
        """Validation errors as sentences."""
        return self.form.error_sentences()

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Valid parameters by name: a text, a number, or a list if the parameter may repeat."""
        self.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value not in ("", None, [])}

    def labelled_choices(self, name: str) -> list[tuple[str, Any]]:
        """Return (value, label) of a parameter's choices; [] for an unknown parameter or one without choices."""
        choices = getattr(self.form.fields.get(name), "choices", ())
        return [(value, label) for value, label in choices if value]

    def value_label(self, name: str) -> str:
        """Return the label of a parameter's valid value; labels of several are joined."""
        value = self.parameters[name]
        values = value if isinstance(value, list) else [value]
        labels = dict(self.labelled_choices(name))
        return gettext("、").join(
            str(labels.get(each, f"{each:,}" if isinstance(each, int) else each)) for each in values
        )

    @property
    def measure(self) -> Measure:
        """The measure asked for, or else the one on which the year opens."""
        return Measure(self.parameters.get("measure", self.opening_measure))

    @property
    def opening_measure(self) -> Measure:
        return self.choices.years.opening_measure(self.fiscal_year)

    @property
    def fiscal_year(self) -> int:
        """The fiscal year filtered by; 0 for none or all years."""
        return 0 if self.has_all_years else int(self.parameters.get("year", 0))

    @property
    def groupings(self) -> list[tuple[str, Any]]:
        """Choices of `group`: (value, label)."""
        return self.labelled_choices("group")

    @property
    def has_all_years(self) -> bool:
        return self.parameters.get("year") == ALL_YEARS
