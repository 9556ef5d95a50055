"""The table of the Sakigake projects of a year: for each what it prints, what it counts, what was counted before."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from budgets.sakigake import Money
from dxportal.public.templatetags.components import amounts, citation, link, sakigake_number
from projects.models import SakigakeProject


def labels() -> list[str]:
    """Of the columns of figures."""
    return [
        gettext("印刷された額"),
        gettext("一度ずつ数えた額"),
        gettext("うち前の番号で先に数えた額"),
        gettext("融資枠"),
        gettext("額の記載がない構成事業等"),
    ]


def money_rows(money: Mapping[SakigakeProject, Money]) -> SafeString:
    source = escape(gettext("出典"))
    return SafeString(
        "\n".join(
            f"<tr><td>{sakigake_number(project.number)}</td>"
            f'<th scope="row">{link(project, project.name)}</th>{figures(own)}'
            f'<td data-label="{source}">{citation(project)}</td></tr>'
            for project, own in money.items()
        )
    )


def all_together(everything: Money) -> SafeString:
    """The row below them; of all together nothing was counted before, and no single page prints it."""
    every = escape(gettext("すべて"))
    return SafeString(f'<tr><td></td><th scope="row">{every}</th>{figures(everything, is_whole=True)}<td></td></tr>')


def figures(money: Money, *, is_whole: bool = False) -> str:
    """The cells of figures; a sum of nothing is not 0."""
    amount = amounts(None)
    said = [
        amount(money.printed_expenditure_thousand_yen if money.states_expenditure else None),
        amount(money.distinct_expenditure_thousand_yen if money.counts_expenditure else None),
        "" if is_whole else amount(money.counted_earlier_thousand_yen if money.counts_expenditure else None),
        amount(money.lending_limit_thousand_yen if money.states_lending_limit else None),
        str(money.not_stated_rows),
    ]
    cells = [
        f'<td class="number" data-label="{escape(label)}">{figure}</td>' if figure else "<td></td>"
        for label, figure in zip(labels(), said, strict=True)
    ]
    return "".join(cells)
