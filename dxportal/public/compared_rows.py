"""What departments were in charge of in two years, as rows of a table."""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from budgets.comparison import ComparedTotal
from budgets.totals import Total
from dxportal.public.templatetags.components import amounts


class DepartmentRows:
    """The rows and the one below them; the years are told in words, amounts in a unit."""

    def __init__(self, total: ComparedTotal, base_year: str, year: str, unit: str | None) -> None:
        self.total = total
        self.openings = [f'<td class="number" data-label="{escape(label)}">' for label in (base_year, year)]
        self.amount = amounts(unit)
        self.nothing = f'<span class="quiet">{escape(gettext("事業なし"))}</span>'

    @property
    def body(self) -> SafeString:
        rows = [self.row(one.label, one.base, one.year) for one in self.total.departments]
        return SafeString("\n".join(rows))

    @property
    def foot(self) -> SafeString:
        return SafeString(self.row(gettext("全体"), self.total.base, self.total.year))

    def row(self, label: str, *totals: Total | None) -> str:
        cells = [f"{opening}{self.said(one)}</td>" for opening, one in zip(self.openings, totals, strict=True)]
        return f'<tr><th scope="row">{escape(label)}</th>{"".join(cells)}</tr>'

    def said(self, total: Total | None) -> str:
        """The expenditure of a year; a sum of nothing is not 0, and no project is not a project that states none."""
        if total is None:
            return self.nothing
        return self.amount(total.expenditure_thousand_yen if total.expenditure_rows else None)
