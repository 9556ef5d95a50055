"""Columns of amounts in thousand yen: expenditure, lending limit, and whether an amount is stated at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.tables.columns import Column, ColumnType
from projects.models import AmountKind

KIND_LABELS: Mapping[str, Any] = dict(AmountKind.choices)
# Columns of files with the amounts of a kind.
AMOUNT_COLUMNS = {
    AmountKind.EXPENDITURE: "amount_thousand_yen",
    AmountKind.LENDING_LIMIT: "lending_limit_thousand_yen",
}
# Hidden column with the amount of either kind, from which the others are derived.
EITHER_AMOUNT = "amount_of_either_kind"


class AmountState(models.TextChoices):
    """Whether a row states an amount: stated, zero and not stated are three different things."""

    STATED = "stated", _("記載あり")
    ZERO = "zero", _("ゼロ")
    NOT_STATED = "not_stated", _("記載なし")


def take_expenditure(kinds: Sequence[str | None], amounts: Sequence[int | None]) -> list[int | None]:
    expenditure = AmountKind.EXPENDITURE.value
    return [amount if kind == expenditure else None for kind, amount in zip(kinds, amounts, strict=True)]


def take_lending_limits(kinds: Sequence[str | None], amounts: Sequence[int | None]) -> list[int | None]:
    limit = AmountKind.LENDING_LIMIT.value
    return [amount if kind == limit else None for kind, amount in zip(kinds, amounts, strict=True)]


def tell_amount_states(amounts: Sequence[int | None]) -> list[str]:
    stated, zero, not_stated = AmountState.STATED.value, AmountState.ZERO.value, AmountState.NOT_STATED.value
    return [stated if amount else not_stated if amount is None else zero for amount in amounts]


def kind_column(meaning: Any, expression: Any = None, *, sort: tuple[str, ...] = ()) -> Column:
    return Column("kind", _("種別"), ColumnType.CHOICE, meaning, expression, words=KIND_LABELS, sort=sort)


def amount_columns(path: str, expenditure: tuple[Any, Any], lending_limit: tuple[Any, Any]) -> tuple[Column, ...]:
    """Return the columns of an amount, of a table with the column `kind`; `path` leads to the amount of either kind.

    Files tell expenditure and lending limits, each with label and meaning, apart by columns; on screen one column
    stands beside the kind.
    """
    either = Column(EITHER_AMOUNT, "", ColumnType.MONEY, "", path, on_screen=False, in_files=False)
    stated = Column(
        AMOUNT_COLUMNS[AmountKind.EXPENDITURE],
        expenditure[0],
        ColumnType.MONEY,
        expenditure[1],
        derive=take_expenditure,
        derived_from=("kind", EITHER_AMOUNT),
        shown_from=EITHER_AMOUNT,
        sort=(path,),
    )
    limit = Column(
        AMOUNT_COLUMNS[AmountKind.LENDING_LIMIT],
        lending_limit[0],
        ColumnType.MONEY,
        lending_limit[1],
        derive=take_lending_limits,
        derived_from=("kind", EITHER_AMOUNT),
        on_screen=False,
    )
    return either, stated, limit, amount_state_column(EITHER_AMOUNT)


def amount_state_column(amount: str) -> Column:
    """Return the column that tells whether the column `amount` states one."""
    return Column(
        "amount_state",
        _("額の状態"),
        ColumnType.CHOICE,
        _("記載あり、ゼロ（0円と記載）、記載なしのどれか。"),
        derive=tell_amount_states,
        derived_from=(amount,),
        words=dict(AmountState.choices),
        on_screen=False,
    )


def tell_states_of_either(expenditures: Sequence[int | None], limits: Sequence[int | None]) -> list[str]:
    pairs = zip(expenditures, limits, strict=True)
    return tell_amount_states([first if second is None else (first or 0) + second for first, second in pairs])


def compared_state_column(name: str, label: Any, expenditure: str, lending_limit: str) -> Column:
    """Return the column that tells whether a side of a comparison states an amount of either kind."""
    return Column(
        name,
        label,
        ColumnType.CHOICE,
        _("記載あり、ゼロ（0円と記載）、記載なしのどれか。融資枠も見ます。"),
        derive=tell_states_of_either,
        derived_from=(expenditure, lending_limit),
        words=dict(AmountState.choices),
        on_screen=False,
    )
