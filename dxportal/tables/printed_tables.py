"""Tables of what is printed: components, related projects, and what belongs to them."""

from __future__ import annotations

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Cast, NullIf
from django.utils.translation import gettext_lazy as _

from dxportal.tables.amount_columns import (
    amount_columns,
    amount_state_column,
    kind_column,
)
from dxportal.tables.columns import Column, ColumnType
from dxportal.tables.shared_columns import (
    PROJECT_ORDER,
    citation_columns,
    concatenate_path,
    department_columns,
    fiscal_year_column,
    gather_named_parts,
    parts_column,
    project_code_column,
    sakigake_number_column,
    url_column,
)
from dxportal.tables.table import Table

PRINTED_KIND = NullIf("printed_kind", Value(""))


def of_printed_amount(path: str) -> Case:
    """Return the expression for a value of appearances that print an amount; NULL for the others."""
    return Case(When(printed_amount_thousand_yen__isnull=False, then=F(path)))


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
