"""Budget lines as rows of a table, each beside what tells it from the others: its project, or its department."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from types import SimpleNamespace
from typing import Literal, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from dxportal.money_and_years import fiscal_year
from dxportal.public.templatetags.components import amounts, citation, editorial_note
from projects.models import Kind

Teller = Literal["project", "department"]


class Line(NamedTuple):
    """What a row says of a line; `code` and `name` are those of what tells it from the others."""

    fiscal_year: int
    code: str
    name: str
    part: str | None
    stage: str
    kind: str
    thousand_yen: int
    document_number: int | None
    document: str | None
    page: int | None
    editorial_note: str

    @property
    def citation(self) -> SafeString:
        document = SimpleNamespace(number=self.document_number, label=self.document) if self.document_number else None
        return citation(SimpleNamespace(document=document, page=self.page))


def columns(told_by: Teller, line: str = "") -> list[str]:
    """What a `Line` is read from, in the order of its fields; `line`: where it stands, with `__` behind."""
    names = (
        *("fiscal_year", f"{told_by}__code", f"{told_by}__name", "part__name", "stage__name", "kind"),
        *("amount_thousand_yen", "document__number", "document__label", "page", "editorial_note"),
    )
    return [f"{line}{name}" for name in names]


def line_rows(lines: Iterable[Line], told_by: Teller) -> SafeString:
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
    return SafeString(
        "\n".join(
            f"<tr>{year}>{said_year(line.fiscal_year)}</td>"
            f'<th scope="row"><a href="/{told_by}s/{escape(line.code)}/">{escape(line.name)}</a></th>'
            f"{part}>{escape(line.part or '')}</td>"
            f"{stage}>{escape(line.stage)}</td>"
            f"{kind}>{kinds[line.kind]}</td>"
            f'{amount} class="number">{said_amount(line.thousand_yen)}</td>'
            f"{source}><div>{line.citation}{editorial_note(line.editorial_note)}</div></td></tr>"
            for line in lines
        )
    )
