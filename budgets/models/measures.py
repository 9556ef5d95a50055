"""Measures: selections of budget lines that a total adds up. The one place that says which lines add up to what.

A measure selects, for each project, fiscal year and kind of amount, the lines that are its addends:

- initial 当初: lines of the role initial.
- supplementary 補正: supplements and adjustments, signed.
- current 現計: the movements (initial, supplementary, adjustment), if an initial line exists or no balance does;
  otherwise the latest balance (revised) and the movements after it.
- available 予算現額: those of current, and what was carried in.
- settlement 決算, carried_out 翌年度繰越, request 要求: lines of their role.
- all: every line; it has no total.

Lending limits have the same measures, and are never added to expenditure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.db import models

from budgets.models.stages import StageRole

LineT = TypeVar("LineT")


class Measure(models.TextChoices):
    """Selection of lines that a total adds up. Values are those of the parameter `measure`, in the order of a year."""

    REQUEST = "request", "要求"
    INITIAL = "initial", "当初"
    SUPPLEMENTARY = "supplementary", "補正"
    CURRENT = "current", "現計"
    AVAILABLE = "available", "予算現額"
    SETTLEMENT = "settlement", "決算"
    CARRIED_OUT = "carried_out", "翌年度繰越"
    ALL = "all", "すべて"

    @property
    def column(self) -> str:
        """Name of the column of `BudgetRow` that marks the measure's rows."""
        return f"in_{self.value}"

    @property
    def lists_unstated(self) -> bool:
        """Whether a project of the year without an addend is a row of its own (記載なし)."""
        return self in LISTING_UNSTATED

    @property
    def has_total(self) -> bool:
        return self is not Measure.ALL

    @property
    def is_budget(self) -> bool:
        """Whether its amounts are ones that a budget grants, not what was asked for, spent or passed on."""
        return self in (Measure.INITIAL, Measure.SUPPLEMENTARY, Measure.CURRENT, Measure.AVAILABLE)

    @property
    def amount_label(self) -> str:
        """Name of an amount of this measure on pages and in files."""
        return AMOUNT_LABELS[self]


LISTING_UNSTATED = (Measure.INITIAL, Measure.CURRENT, Measure.AVAILABLE, Measure.SETTLEMENT, Measure.ALL)
AMOUNT_LABELS = {
    Measure.REQUEST: "要求額",
    Measure.INITIAL: "当初予算額",
    Measure.SUPPLEMENTARY: "補正予算額",
    Measure.CURRENT: "現計予算額",
    Measure.AVAILABLE: "予算現額",
    Measure.SETTLEMENT: "決算額",
    Measure.CARRIED_OUT: "翌年度繰越額",
    Measure.ALL: "額",
}
MEASURE_COLUMNS = ", ".join(measure.column for measure in Measure)  # of `BudgetRow`
# A year opens on the first of these that it states; two years are compared by the first that both state.
OPENING_MEASURES = (Measure.INITIAL, Measure.CURRENT, Measure.SETTLEMENT, Measure.REQUEST)
COMPARABLE_MEASURES = (Measure.INITIAL, Measure.CURRENT, Measure.SETTLEMENT)

MOVEMENTS = (StageRole.INITIAL, StageRole.SUPPLEMENTARY, StageRole.ADJUSTMENT)
# Measures whose addends the role alone decides.
ROLES_OF_MEASURES = {
    Measure.REQUEST: (StageRole.REQUEST,),
    Measure.INITIAL: (StageRole.INITIAL,),
    Measure.SUPPLEMENTARY: (StageRole.SUPPLEMENTARY, StageRole.ADJUSTMENT),
    Measure.SETTLEMENT: (StageRole.SETTLEMENT,),
    Measure.CARRIED_OUT: (StageRole.CARRIED_OUT,),
}


def roles_counted_by(measure: Measure) -> tuple[StageRole, ...]:
    """Return the roles whose lines can be addends of a measure."""
    current = (*MOVEMENTS, StageRole.REVISED)
    others = {
        Measure.CURRENT: current,
        Measure.AVAILABLE: (*current, StageRole.CARRIED_IN),
        Measure.ALL: tuple(StageRole),
    }
    return (ROLES_OF_MEASURES | others)[measure]


def choose_opening_measure(stated: Collection[Measure]) -> Measure:
    """Return the measure on which a year opens that states these; `INITIAL` if it states none of its candidates."""
    return next((measure for measure in OPENING_MEASURES if measure in stated), Measure.INITIAL)


def choose_common_measure(stated: Collection[Measure], stated_in_base: Collection[Measure]) -> Measure:
    """Return the measure by which two years are compared; that of the first year if they state none in common."""
    common = (measure for measure in COMPARABLE_MEASURES if measure in stated and measure in stated_in_base)
    return next(common, choose_opening_measure([each for each in stated if each in COMPARABLE_MEASURES]))


def select_addends(measure: Measure, lines: Iterable[tuple[LineT, str, Any]]) -> list[LineT]:
    """Select the addends among the lines of one project, fiscal year and kind, each with its stage's role and order.

    Stages that share a position stand in the order of their codes, so orders must differ as in `addend_conditions`.

    The rule in Python, for lines in memory; `addend_conditions` says the same in SQL.
    """
    lines = list(lines)
    if measure in ROLES_OF_MEASURES:
        return [line for line, role, _ in lines if role in ROLES_OF_MEASURES[measure]]
    if measure is Measure.ALL:
        return [line for line, _, _ in lines]
    balances = [order for _, role, order in lines if role == StageRole.REVISED]
    has_initial = any(role == StageRole.INITIAL for _, role, _ in lines)
    latest = None if has_initial or not balances else max(balances)
    return [
        line
        for line, role, order in lines
        if (role in MOVEMENTS and (latest is None or order > latest))
        or (role == StageRole.REVISED and order == latest)
        or (measure is Measure.AVAILABLE and role == StageRole.CARRIED_IN)
    ]


def addend_conditions(role: str, order: str, has_initial: str, latest_balance: str) -> dict[Measure, str]:
    """Return the SQL condition of each measure, given the SQL of a line's role and order, and of its group's figures.

    `has_initial` is 1 if any line of the project, year and kind is of the role initial; `latest_balance` is the order
    of the last balance among them, or NULL.
    """

    def is_any_of(roles: Iterable[StageRole]) -> str:
        return f"{role} IN ({', '.join(repr(each.value) for each in roles)})"

    counts_movements = f"({has_initial} = 1 OR {latest_balance} IS NULL)"
    current = (
        f"({is_any_of(MOVEMENTS)} AND ({counts_movements} OR {order} > {latest_balance})"
        f" OR {role} = '{StageRole.REVISED}' AND {has_initial} = 0 AND {order} = {latest_balance})"
    )
    return {
        **{measure: is_any_of(roles) for measure, roles in ROLES_OF_MEASURES.items()},
        Measure.CURRENT: current,
        Measure.AVAILABLE: f"({current} OR {role} = '{StageRole.CARRIED_IN}')",
        Measure.ALL: "TRUE",
    }


def sum_rows_query(table: str, condition: str = "TRUE") -> str:
    """Return the SELECT of the columns of `BudgetSum` for the rows that meet a condition; they are read once for all.

    Amounts are added up by year, measure, department, stage and kind.
    """
    keys = "fiscal_year, department_id, stage_id, kind"
    of_measures = " UNION ALL ".join(
        f"""
SELECT fiscal_year, '{measure}' AS measure, department_id, stage_id, kind,
    CAST(SUM(row_count) AS BIGINT) AS row_count, CAST(SUM(amount) AS BIGINT) AS amount
FROM summed WHERE {measure.column} GROUP BY {keys}
"""  # noqa: S608  # names of measures and columns
        for measure in Measure
    )
    return f"""
WITH summed AS (
    SELECT {keys}, {MEASURE_COLUMNS}, COUNT(*) AS row_count, SUM(amount_thousand_yen) AS amount
    FROM {table} WHERE {condition} GROUP BY {keys}, {MEASURE_COLUMNS}
)
{of_measures}
"""  # noqa: S608  # names of tables and columns, and a condition of ours


def sum_amounts(condition: models.Q | None = None, column: str = "amount_thousand_yen") -> models.Sum:
    """Return the aggregate that adds up amounts (thousand yen) of rows of one measure; NULL without any."""
    return models.Sum(column, filter=condition)


def sum_in_memory(amounts: Iterable[Any]) -> int | None:
    """Add up amounts of one measure (thousand yen) in memory; None without any: not stated is not 0."""
    stated = list(amounts)
    return sum(stated) if stated else None
