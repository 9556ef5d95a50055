"""The filters of tables: what a query string may ask, as a form and as what it narrows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.choices import BaseChoiceIterator
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.form_fields import AmountField
from dxportal.money_and_years import fiscal_year
from dxportal.search.matching import holding
from dxportal.search.queries import LONGEST, Query
from dxportal.tables.filter_choices import Choices
from dxportal.tables.registry import BUDGETS
from dxportal.tables.table import Table
from dxportal.tables.widgets import CheckboxSelectMultiple, Select, Text
from dxportal.typed_values import UnreadableError, fold_name, parse_fiscal_year
from projects.models import Appearance

CHOOSING = (django_filters.ChoiceFilter, django_filters.MultipleChoiceFilter)
GROUPS = {"department": _("部局"), "area": _("分野"), "sakigake": _("重点プロジェクト"), "year": _("年度")}
UNITS = {"thousand": _("千円"), "words": _("万円・億円")}


class AmountFilter(django_filters.Filter):
    field_class = AmountField


class TextFilter(django_filters.Filter):
    field_class = forms.CharField


ALL = _("すべて")
YEARS = ("year", "base")  # parameters that hold a fiscal year
EVERY_YEAR = "all"  # in place of a year, where a table takes it


def one(label: Any, parameter: str, empty: Any = ALL) -> django_filters.ChoiceFilter:
    """One of several values; the method of the filters that narrows by it bears the parameter's name."""
    return django_filters.ChoiceFilter(label=label, method=f"by_{parameter}", empty_label=empty, widget=Select)


class Known(BaseChoiceIterator):
    """Choices as a form takes them. Of a list it makes new ones, word by word, whenever it looks at it."""

    def __init__(self, choices: list[tuple[str, Any]]) -> None:
        self.choices = choices

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.choices)

    def __deepcopy__(self, copied: dict[int, Any]) -> Known:
        return self


class Filters(django_filters.FilterSet):
    """What is asked of a table. Blank is the same as not given.

    `asked` holds what was understood, by parameter; `problems` says in sentences what was not. One value that is not
    understood never stops the others.
    """

    table: Table
    found_by: tuple[str, ...] = ("pk",)  # which of the rows around a row may hold a word that is asked for

    year = one(BUDGETS.by_name["fiscal_year"].label, "year", empty=None)
    q = TextFilter(label=_("語句"), method="by_q", max_length=LONGEST, widget=Text)
    department = django_filters.MultipleChoiceFilter(
        label=_("部局"), method="by_department", widget=CheckboxSelectMultiple
    )
    sort = one(_("並べ方"), "nothing", empty=_("印刷・部局の順"))

    def __init__(self, data: QueryDict, choices: Choices) -> None:
        self.choices = choices
        self.problems: list[str] = []
        super().__init__(None, Appearance.objects.none())
        self.data: MultiValueDict[str, Any] = MultiValueDict()
        self.is_bound = True
        for name in [name for name in ("group", "sort", "unit") if name in self.filters]:
            self.filters.move_to_end(name)  # how it is shown comes after what is shown
        for name, filter_ in self.filters.items():
            values = [value.strip() for value in data.getlist(name) if value.strip()]
            if isinstance(filter_, CHOOSING):
                filter_.extra["choices"] = Known(self.known(name))
                values = list(self.among_known(name, values)) if values else []
            if values:
                self.data.setlist(name, values)
        for name, default in self.defaults().items():
            if default and name not in self.data:
                self.data[name] = default
        self.form.label_suffix = ""
        for name, errors in self.form.errors.items():
            value = self.data[name][:20]
            self.problems += [
                gettext("%(field)s「%(value)s」：%(error)s")
                % {"field": self.form.fields[name].label, "value": value, "error": error}
                for error in errors
            ]
            self.data[name] = self.data[name][:LONGEST]

    def defaults(self) -> dict[str, str]:
        """What is taken where nothing is asked, or nothing that there is."""
        return {"year": str(self.choices.latest)} if "year" in self.filters and self.choices.latest else {}

    def known(self, name: str) -> list[tuple[str, Any]]:
        match name:
            case "year":
                return self.years
            case "sort":
                return list(self.table.sorts.items())
            case "group":
                return list(GROUPS.items())
            case "unit":
                return list(UNITS.items())
        return self.choices.of(name)

    @cached_property
    def years(self) -> list[tuple[str, Any]]:
        return [(str(year), fiscal_year(year)) for year in self.choices.years]

    def among_known(self, name: str, values: list[str]) -> Iterator[str]:
        known = {value for value, _ in self.known(name)}
        for value in dict.fromkeys(values):
            if (meant := self.meant(name, value)) in known:
                yield meant
            else:
                self.problems.append(
                    gettext("「%(value)s」という%(field)sはありません。")
                    % {"value": value[:20], "field": self.filters[name].label}
                )

    def meant(self, name: str, value: str) -> str:
        """The value that a text means, as choices have it: a year by the Western year, a code in plain letters."""
        if name not in YEARS:
            return fold_name(value)
        try:
            return str(parse_fiscal_year(value))
        except UnreadableError:
            return value

    @property
    def asked(self) -> dict[str, Any]:
        """What was understood, by parameter: text, number, or a list where a parameter may repeat."""
        return {name: value for name, value in self.form.cleaned_data.items() if value not in ("", None, [])}

    def word(self, name: str) -> str:
        """What was understood of a parameter, as people read it."""
        value = self.asked[name]
        words = dict(self.known(name)) if isinstance(self.filters[name], CHOOSING) else {}
        values = value if isinstance(value, list) else [value]
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

    def narrowed(self, rows: Any, *leaving_out: str) -> Any:
        """The rows for which all that is asked holds."""
        for name, value in self.asked.items():
            if name not in leaving_out:
                rows = self.filters[name].filter(rows, value)
        return rows

    def rows(self) -> Any:
        raise NotImplementedError

    def where(self, rows: Any, condition: Q) -> Any:
        return rows.filter(condition)

    def by_nothing(self, rows: Any, name: str, value: str) -> Any:
        return rows

    def by_year(self, rows: Any, name: str, value: str) -> Any:
        return self.where(rows, Q(fiscal_year=int(value)))

    def by_department(self, rows: Any, name: str, value: list[str]) -> Any:
        return self.where(rows, Q(department__code__in=value))

    def by_q(self, rows: Any, name: str, value: str) -> Any:
        """Rows in or around which every word is found, written in whichever way; no synonyms."""
        return self.where(rows, holding(Query.of(value), self.found_by))
