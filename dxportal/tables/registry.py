"""Registry of the portal's tables: screen, files, data dictionary and admin are built from these declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, NullIf
from django.utils.translation import gettext_lazy as _

from budgets.models import CHANGES_IN_ORDER, ROWS_IN_ORDER, AmountChange, ChangeReason, StageRole
from dxportal.tables.amount_columns import (
    amount_columns,
    amount_state_column,
    compared_state_column,
    kind_column,
)
from dxportal.tables.columns import Column, ColumnType
from dxportal.tables.shared_columns import (
    citation_columns,
    concatenate_path,
    count_listings,
    department_columns,
    empty_column,
    fiscal_year_column,
    gather_named_parts,
    gather_project_parts,
    gather_sakigake_numbers,
    parts_column,
    project_code_column,
    sakigake_number_column,
    url_column,
)
from dxportal.tables.table import Table
from projects.models import Nature

PRINTED_KIND = NullIf("printed_kind", Value(""))
NATURE_LABELS: Mapping[str, Any] = dict(Nature.choices)


def percent_of_base(bases: Sequence[int | None], changes: Sequence[int | None]) -> list[float | None]:
    """Return each change in per cent of its base, to one decimal; None if the base is 0 or not stated."""
    return [
        round(100 * change / base, 1) if base and change is not None else None
        for base, change in zip(bases, changes, strict=True)
    ]


def of_printed_amount(path: str) -> Case:
    """Return the expression for a value of appearances that print an amount; NULL for the others."""
    return Case(When(printed_amount_thousand_yen__isnull=False, then=F(path)))


PROJECT_ORDER = ("project__kana", "project__code")

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

SAKIGAKE = Table(
    "sakigake",
    _("構成事業"),
    (
        fiscal_year_column(),
        sakigake_number_column(),
        Column(
            "sakigake_name",
            _("プロジェクト名"),
            ColumnType.TEXT,
            _("プロジェクトの名称。"),
            "sakigake_project__name",
            link="/sakigake/{sakigake_number}/",
        ),
        Column("position", _("順番"), ColumnType.NUMBER, _("プロジェクトの中で記載されている順。"), on_screen=False),
        project_code_column(),
        Column(
            "printed_name",
            _("構成事業"),
            ColumnType.TEXT,
            _("資料に記載のとおりの名。"),
            sort=PROJECT_ORDER,
            link="/projects/{project_code}/",
        ),
        *department_columns(_("部局名"), "printed_department", "printed_department"),
        parts_column(gather_named_parts, _("ここに名が挙がっている内訳。複数あるときは「 / 」で区切ります。")),
        Column("is_repeat", _("再掲"), ColumnType.MARK, _("資料に再掲の印があるとき「再掲」。")),
        kind_column(_("資料に記載の額が予算額か融資枠か。"), PRINTED_KIND),
        Column(
            "stage",
            _("予算区分"),
            ColumnType.CHOICE,
            _("資料に記載の額の予算区分。額の記載がないか、資料の予算区分が定まらないときは空。"),
            of_printed_amount("document__printed_stage__stage__code"),
            named_by="stage_name",
            on_screen=False,
        ),
        Column(
            "stage_name",
            "",
            ColumnType.TEXT,
            "",
            of_printed_amount("document__printed_stage__stage__name"),
            on_screen=False,
            in_files=False,
        ),
        *amount_columns(
            "printed_amount_thousand_yen",
            (
                _("資料に記載の額（千円）"),
                _(
                    "資料のとおり。再掲を含むため、合計しても予算額の合計にはなりません。空は「記載なし」か、融資枠の行です。画面では、融資枠の額もこの列に示します。"
                ),
            ),
            (_("資料に記載の融資枠（千円）"), _("資料のとおり。種別が「融資枠」の行にだけあります。")),
        ),
        Column("note", _("添え書き"), ColumnType.TEXT, _("名の下に記載されている説明。")),
        *citation_columns(_("記載されているページ。")),
        url_column(_("プロジェクトのページ。"), "/sakigake/", "sakigake_project__code", "/"),
    ),
    ("-fiscal_year", "sakigake_project__number", "page", "position", "code"),
    "printed_name",
)

LISTINGS = Table(
    "listings",
    _("関連事業"),
    (
        fiscal_year_column(),
        Column(
            "area",
            _("分野"),
            ColumnType.TEXT,
            _("分野の名。"),
            "countermeasure__goal__domain__area__name",
            sort=("countermeasure__goal__domain__area__position",),
        ),
        Column("domain", _("区分"), ColumnType.TEXT, _("区分の名。"), "countermeasure__goal__domain__name"),
        Column(
            "goal_code",
            _("目標コード"),
            ColumnType.CODE,
            _("分野-区分-目標の番号。"),
            "countermeasure__goal__code",
            link="/goals/{goal_code}/",
        ),
        Column("goal", _("目標"), ColumnType.TEXT, _("目標の文。"), "countermeasure__goal__text", on_screen=False),
        Column(
            "keyword",
            _("キーワード"),
            ColumnType.TEXT,
            _("目標に添えて記載されている語。"),
            "countermeasure__goal__keyword",
        ),
        Column(
            "countermeasure", _("対応策"), ColumnType.TEXT, _("対応策の文。"), "countermeasure__text", on_screen=False
        ),
        project_code_column(),
        Column(
            "printed_name",
            _("関連事業"),
            ColumnType.TEXT,
            _("資料に記載のとおりの名。"),
            sort=PROJECT_ORDER,
            link="/projects/{project_code}/",
        ),
        *department_columns(_("部局名"), "printed_department", "printed_department"),
        parts_column(gather_named_parts, _("ここに名が挙がっている内訳。複数あるときは「 / 」で区切ります。")),
        Column("is_repeat", _("再掲"), ColumnType.MARK, _("資料に再掲の印があるとき「再掲」。")),
        Column(
            "printed_amount_thousand_yen",
            _("資料に記載の額（千円）"),
            ColumnType.MONEY,
            _("資料のとおり。再掲を含むため、合計しても予算額の合計にはなりません。空は「記載なし」です。"),
            on_screen=False,
        ),
        amount_state_column("printed_amount_thousand_yen"),
        Column("note", _("添え書き"), ColumnType.TEXT, _("名の下に記載されている説明。")),
        *citation_columns(_("記載されているページ。")),
        url_column(
            _("目標のページの、対応策のところ。"),
            "/goals/",
            "countermeasure__goal__code",
            "/#countermeasure-",
            "countermeasure__code",
        ),
    ),
    (
        "-fiscal_year",
        "countermeasure__goal__domain__area__position",
        "countermeasure__goal__domain__position",
        "countermeasure__goal__position",
        "countermeasure__position",
        "position",
        "code",
    ),
    "printed_name",
    _("対応策の下に記載されている関連事業を、記載されている順に、一つの表にしたものです。"),
)

PROJECTS = Table(
    "projects",
    _("事業"),
    (
        project_code_column("code"),
        Column(
            "project_name",
            _("事業名"),
            ColumnType.TEXT,
            _("事業の名。"),
            "name",
            sort=("kana", "name", "code"),
            link="/projects/{project_code}/",
        ),
        Column(
            "nature",
            _("種類"),
            ColumnType.CHOICE,
            _("事業、活動、または複数の事業の総称。"),
            words=NATURE_LABELS,
            sort=("nature",),
        ),
        *department_columns(_("部局名"), "department_name", "department__name"),
        parts_column(gather_project_parts, _("名の付いた内訳。複数あるときは「 / 」で区切ります。")),
        empty_column("first_year", _("最初の年度"), ColumnType.YEAR, _("事業の最初の年度。空は、定めがありません。")),
        empty_column("last_year", _("最後の年度"), ColumnType.YEAR, _("事業の最後の年度。空は、定めがありません。")),
        Column(
            "listings",
            _("関連事業としての掲載"),
            ColumnType.NUMBER,
            _("対応策の下に記載されている数。後の年度に引き継いだ掲載は、元の掲載と合わせて1と数えます。"),
            count_listings(),
            sort=("listing_count",),
        ),
        Column(
            "sakigake_numbers",
            _("プロジェクト番号"),
            ColumnType.TEXT,
            _("構成事業として掲載されているプロジェクトの番号。複数あるときは「 / 」で区切ります。"),
            gather=gather_sakigake_numbers,
            in_files=False,
        ),
        url_column(_("事業のページ。"), "/projects/", "code", "/"),
    ),
    ("rank__department_position", "rank__by_name"),
    "project_name",
    _("すべての年度の事業を、部局の順に、部局の中では五十音順に並べています。"),
    is_long=True,
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

# Files alone, for what the files of other tables, with one datum a cell, cannot hold.
IS_LISTING = Q(appearance__countermeasure__isnull=False)
OF_GOAL = "appearance__countermeasure__goal__code"
PARTS = Table(
    "parts",
    _("掲載された内訳"),
    (
        fiscal_year_column("appearance__fiscal_year"),
        project_code_column("part__project__code"),
        Column("part", _("内訳"), ColumnType.TEXT, _("事業の内訳の名。予算額の表の「内訳」と同じです。"), "part__name"),
        Column("printed_label", _("記載の名称"), ColumnType.TEXT, _("資料に記載のとおりの名。"), "label"),
        Column("is_repeat", _("再掲"), ColumnType.MARK, _("資料で、この内訳に再掲の印があるとき「再掲」。")),
        Column("detail", _("内容"), ColumnType.TEXT, _("内訳に添えて記載されている内容。")),
        Column(
            "place",
            _("掲載箇所"),
            ColumnType.CODE,
            _("関連事業では目標コード、構成事業ではプロジェクト番号。"),
            Case(
                When(IS_LISTING, then=F(OF_GOAL)),
                default=Cast("appearance__sakigake_project__number", CharField()),
            ),
        ),
        *citation_columns(_("記載されているページ。"), "appearance__"),
        url_column(
            _("掲載箇所のページ。"),
            Case(
                When(
                    IS_LISTING,
                    then=concatenate_path("/goals/", OF_GOAL, "/#countermeasure-", "appearance__countermeasure__code"),
                ),
                default=concatenate_path("/sakigake/", "appearance__sakigake_project__code", "/"),
            ),
        ),
    ),
    (
        "-appearance__fiscal_year",
        "appearance__document__number",
        "appearance__page",
        "appearance__position",
        "appearance__code",
        "position",
        "part__code",
    ),
    "printed_label",
    has_page=False,
)

MEMBERSHIPS = Table(
    "memberships",
    _("事業とプロジェクトの対応"),
    (
        fiscal_year_column(),
        sakigake_number_column(),
        project_code_column(),
        url_column(_("プロジェクトのページ。"), "/sakigake/", "sakigake_project__code", "/"),
    ),
    ("-fiscal_year", "sakigake_project__number", "project__kana", "project__code"),
    "project_code",
    has_page=False,
)

TABLES = (BUDGETS, SAKIGAKE, LISTINGS, PROJECTS, COMPARISON, PARTS, MEMBERSHIPS)
