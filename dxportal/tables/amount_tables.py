"""Tables of amounts that are counted: the budgets of a year, and the comparison of two years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from budgets.models import CHANGES_IN_ORDER, ROWS_IN_ORDER, AmountChange, ChangeReason, StageRole
from dxportal.tables.amount_columns import (
    amount_columns,
    compared_state_column,
    kind_column,
)
from dxportal.tables.columns import Column, ColumnType
from dxportal.tables.shared_columns import (
    PROJECT_ORDER,
    citation_columns,
    department_columns,
    empty_column,
    fiscal_year_column,
    project_code_column,
    url_column,
)
from dxportal.tables.table import Table


def percent_of_base(bases: Sequence[int | None], changes: Sequence[int | None]) -> list[float | None]:
    """Return each change in per cent of its base, to one decimal; None if the base is 0 or not stated."""
    return [
        round(100 * change / base, 1) if base and change is not None else None
        for base, change in zip(bases, changes, strict=True)
    ]


BUDGETS = Table(
    "budgets",
    _("予算額"),
    (
        fiscal_year_column(),
        project_code_column(),
        Column(
            "project_name",
            _("事業名"),
            ColumnType.TEXT,
            _("事業の名称。掲載箇所による書き方の違いは揃えてあります。"),
            "project__name",
            sort=PROJECT_ORDER,
            link="/projects/{project_code}/",
        ),
        Column("part", _("内訳"), ColumnType.TEXT, _("額が事業の一部のものであるとき、その名。"), "part__name"),
        *department_columns(_("部局名"), "department_name", "department__name"),
        Column(
            "stage",
            _("予算区分"),
            ColumnType.CHOICE,
            _("当初・補正など。「前年度２月補正を含む」は、資料が合わせた額だけを示しているもの。"),
            "stage__code",
            named_by="stage_name",
            sort=("stage__position",),
        ),
        Column("stage_name", "", ColumnType.TEXT, "", "stage__name", on_screen=False, in_files=False),
        Column(
            "stage_role",
            _("予算区分の種類"),
            ColumnType.CHOICE,
            _("予算区分が、その年度の額のうち、どれに当たるか。"),
            "stage__role",
            words=dict(StageRole.choices),
            on_screen=False,
        ),
        kind_column(_("予算額か融資枠。融資枠は貸し付けの枠で、支出ではありません。"), sort=("kind",)),
        *amount_columns(
            "amount_thousand_yen",
            (
                _("予算額（千円）"),
                _(
                    "千円単位の整数。減額は負の数です。空は「記載なし」か、融資枠の行です。画面では、融資枠の額もこの列に示します。"
                ),
            ),
            (_("融資枠（千円）"), _("千円単位の整数。種別が「融資枠」の行にだけあり、予算額には含みません。")),
        ),
        empty_column("basis", _("根拠"), ColumnType.TEXT, _("資料の額と異なるときの根拠。今はどの行も空です。")),
        *citation_columns(
            _("額が記載されているページ。額の記載がない事業では、その年度に最初に記載されているページ。")
        ),
        empty_column(
            "printed_thousand_yen",
            _("資料の額（千円）"),
            ColumnType.MONEY,
            _("資料に記載されている額。今はどの行も空です。"),
        ),
        url_column(_("事業のページ。"), "/projects/", "project__code", "/"),
    ),
    ("-fiscal_year", *ROWS_IN_ORDER),
    "project_name",
    is_long=True,
)

# Variant for the admin and sheets, which read BudgetLine itself: not sorted by columns of the materialised rows.
BUDGET_LINES = replace(
    BUDGETS,
    order=("-fiscal_year", "department__position", *PROJECT_ORDER, "part__position", "stage__position", "kind"),
    is_long=False,
)

COMPARISON = Table(
    "budgets/compare",
    _("年度の比較"),
    (
        project_code_column(),
        Column(
            "project_name",
            _("事業名"),
            ColumnType.TEXT,
            _("事業の名。"),
            "project__name",
            sort=PROJECT_ORDER,
            link="/projects/{project_code}/",
        ),
        Column("base_department", _("前年度の部局"), ColumnType.TEXT, _("比較対象の年度の所管部局。")),
        Column(
            "department_name",
            _("部局"),
            ColumnType.TEXT,
            _("この年度の所管部局。"),
            "in_charge",
            sort=("department_position",),
        ),
        Column(
            "base_amount_thousand_yen",
            _("前年度の額（千円）"),
            ColumnType.MONEY,
            _("比較対象の年度の額。空は「記載なし」か、事業がないとき。"),
            "base_amount",
            sort=("base_amount",),
            absent=("change_kind", "new"),
        ),
        Column(
            "amount_thousand_yen",
            _("額（千円）"),
            ColumnType.MONEY,
            _("この年度の額。空は「記載なし」か、事業がないとき。"),
            "amount",
            sort=("amount",),
            absent=("change_kind", "ended"),
        ),
        compared_state_column(
            "base_amount_state", _("前年度の額の状態"), "base_amount_thousand_yen", "base_lending_limit_thousand_yen"
        ),
        compared_state_column("amount_state", _("額の状態"), "amount_thousand_yen", "lending_limit_thousand_yen"),
        Column(
            "change_thousand_yen",
            _("増減（千円）"),
            ColumnType.DIFFERENCE,
            _("この年度の額から前年度の額を引いたもの。両方に額があり、含む予算区分が同じときだけ。"),
            "change",
            sort=("change",),
        ),
        Column(
            "change_percent",
            _("増減率（％）"),
            ColumnType.PERCENT,
            _("前年度の額に対する増減の割合。前年度の額が0のときは空。"),
            derive=percent_of_base,
            derived_from=("base_amount_thousand_yen", "change_thousand_yen"),
        ),
        Column(
            "change_kind",
            _("変化"),
            ColumnType.CHOICE,
            _("新規・終了・増額・減額・同額、額の記載の有無の変化。「範囲が異なる」は、含む予算区分が違うもの。"),
            words=dict(AmountChange.choices),
        ),
        Column(
            "reason",
            _("増減の理由"),
            ColumnType.TEXT,
            _("所管部局の説明。空は、理由が示されていないとき。"),
            Subquery(
                ChangeReason.objects.filter(
                    project=OuterRef("project"),
                    fiscal_year=OuterRef("fiscal_year"),
                    base_year=OuterRef("base_year"),
                ).values("text")[:1]
            ),
        ),
        Column(
            "base_lending_limit_thousand_yen",
            _("前年度の融資枠（千円）"),
            ColumnType.MONEY,
            _("比較対象の年度の融資枠。額には含めません。"),
            "base_lending_limit",
            is_optional=True,
        ),
        Column(
            "lending_limit_thousand_yen",
            _("融資枠（千円）"),
            ColumnType.MONEY,
            _("この年度の融資枠。額には含めません。"),
            "lending_limit",
            is_optional=True,
        ),
        url_column(_("事業のページ。"), "/projects/", "project__code", "/"),
    ),
    CHANGES_IN_ORDER,
    "project_name",
    is_long=True,
)

# The comparison is materialised for neighbouring years only; other pairs are sorted by ordinary columns.
COMPARISON_OF_ANY_YEARS = replace(
    COMPARISON,
    # Its rows have no years of their own, so the comparison itself finds the reasons.
    columns=tuple(
        replace(column, expression="reason") if column.name == "reason" else column for column in COMPARISON.columns
    ),
    order=("department_position", *PROJECT_ORDER),
    is_long=False,
)
