"""Columns shared by several tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby
from typing import Any

from django.db.models import CharField, Count, F, OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from dxportal.tables.columns import Column, ColumnType, GatherTexts
from projects.models import Appearance, NamedPart, ProjectPart

PROJECT_ORDER = ("project__kana", "project__code")


def gather_named_parts(appearances: Collection[Any]) -> Mapping[Any, str]:
    """Gather the printed labels of the parts that appearances name, each with its repeat mark (再掲) if it has one."""
    rows = NamedPart.objects.filter(appearance__in=appearances).order_by("appearance", "position", "part__code")
    labels = rows.values_list("appearance", "label", "is_repeat", "appearance__document__repeat_mark")
    return join_texts((pk, f"{label}{mark}" if is_repeat else label) for pk, label, is_repeat, mark in labels)


def gather_project_parts(projects: Collection[Any]) -> Mapping[Any, str]:
    rows = ProjectPart.objects.filter(project__in=projects).order_by("project", "position", "code")
    return join_texts(rows.values_list("project", "name"))


def gather_sakigake_numbers(projects: Collection[Any]) -> Mapping[Any, str]:
    components = Appearance.objects.current().components().filter(project__in=projects)
    numbers = components.order_by("project", "sakigake_project__number").distinct()
    return join_texts(numbers.values_list("project", "sakigake_project__number"))


def count_listings() -> Combinable:
    """Return an expression that counts a project's listings in the current plan; one that a later year copies is one.

    A copy has the code of its original (`dxportal.staff.new_year`).
    """
    listings = Appearance.objects.current().listings().order_by().filter(project=OuterRef("pk")).values("project")
    return Coalesce(Subquery(listings.annotate(count=Count("code", distinct=True)).values("count")), 0)


def join_texts(pairs: Any) -> Mapping[Any, str]:
    """Join the texts of (key, text) pairs, sorted by key, with ` / `; return them by key."""
    return {key: " / ".join(str(text) for _, text in group) for key, group in groupby(pairs, key=lambda pair: pair[0])}


def concatenate_path(*pieces: str) -> Combinable:
    """Return an expression that concatenates a path: pieces with `/` or `#` are literals, the others fields."""
    return Concat(*(Value(piece) if "/" in piece or "#" in piece else F(piece) for piece in pieces))


def fiscal_year_column(path: str = "fiscal_year") -> Column:
    return Column(
        "fiscal_year", _("年度"), ColumnType.YEAR, _("4月に始まる年度。令和３年度は 2021。"), path, on_screen=False
    )


def sakigake_number_column() -> Column:
    path = "sakigake_project__number"
    return Column("sakigake_number", _("番号"), ColumnType.NUMBER, _("プロジェクト番号。"), path, sort=(path,))


def project_code_column(path: str = "project__code") -> Column:
    return Column(
        "project_code", _("事業コード"), ColumnType.CODE, _("事業に一度だけ付けた番号。"), path, on_screen=False
    )


def department_columns(label: Any, name: str, path: str) -> tuple[Column, Column]:
    """Return two columns: the department's code, in files only, and its name, which links to its page."""
    return (
        Column(
            "department_code",
            _("部局コード"),
            ColumnType.CODE,
            _("部局に一度だけ付けた番号。"),
            "department__code",
            on_screen=False,
        ),
        Column(
            name,
            label,
            ColumnType.TEXT,
            _("その年度の所管部局。"),
            path,
            sort=("department__position",),
            link="/departments/{department_code}/",
        ),
    )


def citation_columns(meaning: Any, prefix: str = "") -> tuple[Column, ...]:
    """Return the columns of a citation: printed document and page; `prefix` leads to the row that is printed."""
    label, number, page = f"{prefix}document__label", f"{prefix}document__number", f"{prefix}page"
    return (
        Column("source_document", _("出典資料"), ColumnType.TEXT, _("記載されている資料。"), label),
        Column(
            "source_page",
            _("出典ページ"),
            ColumnType.NUMBER,
            meaning,
            page,
            sort=(number, page),
            link="/sources/{document_number}/{source_page}/",
        ),
        Column("document_number", "", ColumnType.NUMBER, "", number, on_screen=False, in_files=False),
    )


def url_column(meaning: Any, *pieces: str | Combinable) -> Column:
    """Return the column of a row's address: the pieces of its path, or one expression."""
    match pieces:
        case (Combinable() as expression,):
            pass
        case _:
            expression = concatenate_path(*map(str, pieces))
    return Column("url", "URL", ColumnType.ADDRESS, meaning, expression, on_screen=False)


def parts_column(gather: GatherTexts, meaning: Any) -> Column:
    """Return the column of parts, on pages alone: files hold one part a row (`/parts`)."""
    return Column("parts", _("内訳"), ColumnType.TEXT, meaning, gather=gather, in_files=False)


def empty_column(name: str, label: Any, type: ColumnType, meaning: Any) -> Column:
    """Return a column of files that the catalogue has no values for."""
    return Column(name, label, type, meaning, Value(None, CharField()), on_screen=False)
