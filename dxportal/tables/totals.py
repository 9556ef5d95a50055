"""Totals of tables: figures for the JSON contract, labelled figures and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext

from budgets.comparison import ComparedTotal
from budgets.coverage import CombinedStage, find_combined_stages
from budgets.ladders import Execution
from budgets.models import AmountChange, Measure
from budgets.rows import BudgetRows
from budgets.sakigake import Money
from budgets.totals import Total, sum_by_measure
from dxportal.money_and_years import money, signed


@dataclass(frozen=True)
class RowCount:
    """Total of a table without amounts."""

    rows: int


@dataclass(frozen=True)
class BudgetTotal:
    """Total of the rows of a measure, and what the same rows state of each measure; each read when asked for."""

    selected: BudgetRows

    @property
    def measure(self) -> Measure:
        return self.selected.measure

    @cached_property
    def by_stage(self) -> dict[Any, Total]:
        """Total of each stage by primary key, and under None of the rows without an amount."""
        return Total.by("stage", self.selected)

    @cached_property
    def total(self) -> Total:
        return Total.together(self.by_stage.values())

    @property
    def rows(self) -> int:
        return self.total.rows

    @cached_property
    def by_measure(self) -> dict[Measure, int]:
        """Expenditure (thousand yen) of each measure that the rows state."""
        return sum_by_measure(self.selected)

    @cached_property
    def combined_stages(self) -> list[CombinedStage]:
        """The combined stages that are counted."""
        return find_combined_stages(self.by_stage)


AnyTotal = BudgetTotal | Money | ComparedTotal | RowCount


def total_figures(total: AnyTotal) -> dict[str, Any]:
    """Return the figures by their names in the JSON contract; amounts in thousand yen."""
    match total:
        case BudgetTotal():
            sums = sum_figures(total.total)
            if not total.measure.has_total:
                sums |= {name: None for name in sums if name.endswith("_thousand_yen")}
            by_measure = {measure.value: amount for measure, amount in total.by_measure.items()}
            return {"measure": total.measure.value, **sums, "measures": by_measure}
        case Money():
            names: tuple[str, ...] = (
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


def sum_figures(total: Total) -> dict[str, Any]:
    names = ("counted_rows", "not_stated_rows", "expenditure_thousand_yen", "lending_limit_thousand_yen")
    return {name: getattr(total, name) for name in names}


def compared_figures(total: ComparedTotal) -> dict[str, Any]:
    base = {f"base_{name}": value for name, value in sum_figures(total.base).items()}
    return {"measure": total.measure.value, "rows": total.rows, **base, **sum_figures(total.year)}


def describe_total(total: AnyTotal) -> str:
    match total:
        case BudgetTotal():
            return describe_budget(total)
        case Money():
            return describe_components(total)
        case ComparedTotal():
            return describe_comparison(total)
    return gettext("%(rows)s件です。") % {"rows": f"{total.rows:,}"}


def describe_budget(budget: BudgetTotal) -> str:
    """Describe the total of a measure: expenditure, lending limits apart from it, projects without an amount."""
    total, label = budget.total, budget.measure.amount_label
    if not budget.measure.has_total:
        return gettext("%(rows)s件です。性格の違う額が並ぶので、合計は示しません。") % {"rows": f"{total.rows:,}"}
    sentences = []
    if total.expenditure_rows:
        sentences.append(
            gettext("%(label)sの合計は%(amount)sです（%(rows)s件。再掲は重ねて数えていません）。")
            % {
                "label": label,
                "rows": f"{total.expenditure_rows:,}",
                "amount": money(total.expenditure_thousand_yen),
            }
        )
    else:
        sentences.append(gettext("%(label)sの記載はありません。") % {"label": label})
    sentences += [describe_combined_stage(stage) for stage in budget.combined_stages]
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


def describe_combined_stage(stage: CombinedStage) -> str:
    """Tell which stages an amount covers that a total includes."""
    years = {-1: gettext("前年度の"), 0: "", 1: gettext("翌年度の")}
    covered = gettext("と").join(f"{years[offset]}{name}" for name, offset in stage.components)
    return gettext("合計には、%(covered)sを合わせた額（%(stage)s）を含みます。") % {
        "covered": covered,
        "stage": stage.name,
    }


def describe_execution(execution: Execution) -> str:
    """Tell how much of what was available was spent, and which projects that leaves out; "" if none states both."""
    if execution.rate is None:
        return ""
    sentence = gettext(
        "執行率は%(rate)s％です（予算現額と決算額の両方がある%(projects)s件。決算%(spent)s÷予算現額%(available)s）。"
    )
    left_out = gettext("どちらか一方だけの%(left_out)s件は含みません。") if execution.left_out else ""
    return (sentence + left_out) % {
        "rate": f"{execution.rate:.1f}",
        "projects": f"{execution.projects:,}",
        "spent": money(execution.settlement_thousand_yen),
        "available": money(execution.available_thousand_yen),
        "left_out": f"{execution.left_out:,}",
    }


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
    if incomparable := total.changes.get(AmountChange.INCOMPARABLE):
        sentence += gettext(
            "額が含む予算区分が両年度で違う%(rows)s件（前年度の補正を合わせた額など）は、差を示していません。"
        ) % {"rows": f"{incomparable:,}"}
    sums = {"label": total.measure.amount_label, "before": money(before), "after": money(after)}
    if not total.covers_the_same:
        return (
            sentence
            + gettext(
                "%(label)sの合計は、%(before)sと%(after)sです。含む予算区分が両年度で違うので、差は示していません。"
            )
            % sums
        )
    return sentence + gettext("%(label)sの合計は、%(before)sから%(after)sになりました（%(change)s）。") % (
        sums | {"change": signed(after - before)}
    )


def label_figures(total: AnyTotal) -> list[tuple[Any, Any]]:
    """Return (label, figure) pairs in the order of the contract; a sum over no stated amount is None, not 0."""
    figures = total_figures(total)
    sums: Any = total.total if isinstance(total, BudgetTotal) else total
    stated = {
        "expenditure_thousand_yen": getattr(sums, "expenditure_rows", 1),
        "lending_limit_thousand_yen": getattr(sums, "lending_limit_rows", getattr(sums, "states_lending_limit", 1)),
        "printed_expenditure_thousand_yen": getattr(sums, "states_expenditure", 1),
        "distinct_expenditure_thousand_yen": getattr(sums, "counts_expenditure", 1),
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
    if isinstance(total, BudgetTotal):
        words["expenditure_thousand_yen"] = describe_sum(total.measure)
    labelled: list[tuple[Any, Any]] = [
        (words[name], figures[name] if stated.get(name, 1) else None)
        for name in figures
        if name in words and not (isinstance(total, BudgetTotal) and not total.measure.has_total and "yen" in name)
    ]
    if isinstance(total, BudgetTotal):
        labelled += [
            (describe_sum(measure), amount)
            for measure, amount in total.by_measure.items()
            if measure is not total.measure
        ]
    return labelled


def describe_sum(measure: Measure) -> str:
    return gettext("%(label)sの合計（千円）") % {"label": measure.amount_label}
