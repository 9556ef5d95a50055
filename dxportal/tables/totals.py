"""Totals of tables: figures for the JSON contract, labelled figures and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from budgets.comparison import ComparedTotal
from budgets.models import AmountChange
from budgets.sakigake import Money
from budgets.totals import Total
from dxportal.money_and_years import money, signed


@dataclass(frozen=True)
class RowCount:
    """Total of a table without amounts."""

    rows: int


AnyTotal = Total | Money | ComparedTotal | RowCount


def total_figures(total: AnyTotal) -> dict[str, int]:
    """Return the figures by their names in the JSON contract; amounts in thousand yen."""
    match total:
        case Total():
            names: tuple[str, ...] = (
                "counted_rows",
                "not_stated_rows",
                "expenditure_thousand_yen",
                "lending_limit_thousand_yen",
            )
        case Money():
            names = (
                "rows",
                "repeat_rows",
                "not_stated_rows",
                "printed_expenditure_thousand_yen",
                "distinct_expenditure_thousand_yen",
                "lending_limit_thousand_yen",
            )
        case ComparedTotal():
            return compared_figures(total)
        case _:
            names = ("rows",)
    return {name: getattr(total, name) for name in names}


def compared_figures(total: ComparedTotal) -> dict[str, int]:
    base = {f"base_{name}": value for name, value in total_figures(total.base).items()}
    return {"rows": total.rows, **base, **total_figures(total.year)}


def describe_total(total: AnyTotal) -> str:
    match total:
        case Total():
            return describe_lines(total)
        case Money():
            return describe_components(total)
        case ComparedTotal():
            return describe_comparison(total)
    return gettext("%(rows)s件です。") % {"rows": f"{total.rows:,}"}


def describe_lines(total: Total) -> str:
    """Describe the total of budget lines: expenditure, lending limits apart from it, projects without an amount."""
    sentences = []
    if total.expenditure_rows:
        sentences.append(
            gettext("予算額の合計は%(amount)sです（%(rows)s件。再掲は重ねて数えていません）。")
            % {"rows": f"{total.expenditure_rows:,}", "amount": money(total.expenditure_thousand_yen)}
        )
    else:
        sentences.append(gettext("予算額の記載はありません。"))
    if total.lending_limit_rows:
        sentences.append(
            gettext("ほかに融資枠が%(rows)s件、%(amount)sあり、予算額には含めていません。")
            % {"rows": f"{total.lending_limit_rows:,}", "amount": money(total.lending_limit_thousand_yen)}
        )
    if total.not_stated_rows:
        sentences.append(
            gettext("額が載っていない%(rows)s件は合計に含みません。") % {"rows": f"{total.not_stated_rows:,}"}
        )
    return "".join(sentences)


def describe_components(total: Money) -> str:
    """Describe the total of component projects: the printed sum with repeats, and the sum without double counting."""
    sentences = [gettext("構成事業は%(rows)s件です。") % {"rows": f"{total.rows:,}"}]
    printed, distinct = total.printed_expenditure_thousand_yen, total.distinct_expenditure_thousand_yen
    if total.states_expenditure and printed == distinct:
        sentences.append(
            gettext("資料に記載の額の合計は%(printed)sで、重複はありません。") % {"printed": money(printed)}
        )
    elif total.states_expenditure:
        sentences.append(
            gettext("資料に記載の額の合計は%(printed)s（再掲%(repeats)s件を含む）、再掲を除いた額は%(distinct)sです。")
            % {
                "repeats": f"{total.repeat_rows:,}",
                "printed": money(printed),
                "distinct": money(distinct),
            }
        )
    elif total.counts_expenditure:
        sentences.append(
            gettext("資料に額の記載はなく、再掲を除いた額は%(distinct)sです。") % {"distinct": money(distinct)}
        )
    if total.states_lending_limit:
        sentences.append(
            gettext("融資枠%(amount)sは予算額に含めていません。") % {"amount": money(total.lending_limit_thousand_yen)}
        )
    if total.not_stated_rows:
        sentences.append(
            gettext("額が載っていない%(rows)s件は合計に含みません。") % {"rows": f"{total.not_stated_rows:,}"}
        )
    return "".join(sentences)


def describe_comparison(total: ComparedTotal) -> str:
    """Describe a comparison: rows by kind of change, and the totals of both years."""
    changes = gettext("、").join(
        f"{change.label}{total.changes[change]:,}" for change in AmountChange if total.changes.get(change)
    )
    sentence = gettext("%(rows)s件の内訳は、%(changes)sです。") % {"rows": f"{total.rows:,}", "changes": changes}
    if not (total.base.expenditure_rows and total.year.expenditure_rows):
        return sentence
    before, after = total.base.expenditure_thousand_yen, total.year.expenditure_thousand_yen
    return sentence + gettext("予算額の合計は、%(before)sから%(after)sになりました（%(change)s）。") % {
        "before": money(before),
        "after": money(after),
        "change": signed(after - before),
    }


def label_figures(total: AnyTotal) -> list[tuple[Any, int | None]]:
    """Return (label, figure) pairs in the order of the contract; a sum over no stated amount is None, not 0."""
    stated = {
        "expenditure_thousand_yen": getattr(total, "expenditure_rows", 1),
        "lending_limit_thousand_yen": getattr(total, "lending_limit_rows", getattr(total, "states_lending_limit", 1)),
        "printed_expenditure_thousand_yen": getattr(total, "states_expenditure", 1),
        "distinct_expenditure_thousand_yen": getattr(total, "counts_expenditure", 1),
    }
    words = {
        "base_counted_rows": gettext("比較対象の年度：額の記載あり（件）"),
        "base_not_stated_rows": gettext("比較対象の年度：額の記載なし（件）"),
        "base_expenditure_thousand_yen": gettext("比較対象の年度：予算額の合計（千円）"),
        "base_lending_limit_thousand_yen": gettext("比較対象の年度：融資枠の合計（千円、予算額には含めない）"),
        "rows": gettext("件数"),
        "counted_rows": gettext("額の記載あり（件）"),
        "repeat_rows": gettext("再掲（件）"),
        "not_stated_rows": gettext("額の記載なし（件）"),
        "expenditure_thousand_yen": gettext("予算額の合計（千円）"),
        "lending_limit_thousand_yen": gettext("融資枠の合計（千円、予算額には含めない）"),
        "printed_expenditure_thousand_yen": gettext("資料に記載の額の合計（千円、再掲を含む）"),
        "distinct_expenditure_thousand_yen": gettext("再掲を除いた額の合計（千円）"),
    }
    return [(words[name], value if stated.get(name, 1) else None) for name, value in total_figures(total).items()]
