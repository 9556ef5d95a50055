"""Budget lines as rows of a table, each beside what tells it from the others: its project, or its department."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from budgets.models import BudgetLine
from dxportal.pages.templatetags.pieces import amounts, citation, editorial_note, link
from dxportal.pages.templatetags.printed import fiscal_year
from projects.models import Kind


def line_rows(lines: Iterable[BudgetLine], told_by: Literal["project", "department"]) -> SafeString:
    """For between <tbody> and </tbody> of the table in `_components/budget_lines.html`."""
    year, part, stage, kind, amount, source = (
        f'<td data-label="{escape(label)}"'
        for label in (
            gettext("年度"),
            gettext("内訳"),
            gettext("予算の区分"),
            gettext("種別"),
            gettext("額"),
            gettext("出典"),
        )
    )
    kinds = {one.value: escape(str(one.label)) for one in Kind}
    said_year, said_amount = cache(lambda number: escape(fiscal_year(number))), amounts(None)
    rows = []
    for line in lines:
        subject = getattr(line, told_by)
        rows.append(
            f"<tr>{year}>{said_year(line.fiscal_year)}</td>"
            f'<th scope="row">{link(subject, subject.name)}</th>'
            f"{part}>{escape(line.part.name) if line.part else ''}</td>"
            f"{stage}>{escape(line.stage.name)}</td>"
            f"{kind}>{kinds[line.kind]}</td>"
            f'{amount} class="number">{said_amount(line.amount_thousand_yen)}</td>'
            f"{source}><div>{citation(line)}{editorial_note(line.editorial_note)}</div></td></tr>"
        )
    return SafeString("\n".join(rows))
