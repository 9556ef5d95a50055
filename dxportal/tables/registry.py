"""Registry of the portal's tables: screen, files, data dictionary and admin are built from these declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from dxportal.tables.amount_tables import BUDGET_LINES, BUDGETS, COMPARISON, COMPARISON_OF_ANY_YEARS
from dxportal.tables.columns import Column, ColumnType
from dxportal.tables.printed_tables import LISTINGS, MEMBERSHIPS, PARTS, SAKIGAKE
from dxportal.tables.shared_columns import (
    count_listings,
    department_columns,
    empty_column,
    gather_project_parts,
    gather_sakigake_numbers,
    parts_column,
    project_code_column,
    url_column,
)
from dxportal.tables.table import Table
from projects.models import Nature

__all__ = [
    "BUDGETS",
    "BUDGET_LINES",
    "COMPARISON",
    "COMPARISON_OF_ANY_YEARS",
    "LISTINGS",
    "MEMBERSHIPS",
    "PARTS",
    "PROJECTS",
    "SAKIGAKE",
    "TABLES",
]

NATURE_LABELS: Mapping[str, Any] = dict(Nature.choices)

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

TABLES = (BUDGETS, SAKIGAKE, LISTINGS, PROJECTS, COMPARISON, PARTS, MEMBERSHIPS)
