"""The tables of the portal: each declared once, with its columns, its order and what it counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, NullIf
from django.utils.translation import gettext_lazy as _

from dxportal.exports.columns import Column, Gather, Type
from projects.models import Appearance, Kind, NamedPart, Nature, ProjectPart

KINDS: Mapping[str, Any] = dict(Kind.choices)
NATURES: Mapping[str, Any] = dict(Nature.choices)


@dataclass(frozen=True)
class Table:
    """A table that pages show and files hold; `name` is its address and what its files are called."""

    name: str
    label: Any
    columns: tuple[Column, ...]
    order: tuple[str | Combinable, ...]

    @property
    def path(self) -> str:
        return f"/{self.name}/"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def in_files(self) -> list[Column]:
        return [column for column in self.columns if column.in_files]

    @property
    def on_screen(self) -> list[Column]:
        return [column for column in self.columns if column.on_screen]

    @property
    def sorts(self) -> dict[str, Any]:
        """The values that `sort` takes, with the words for them."""
        sortable = [column for column in self.columns if column.sort]
        up = {column.name: _("%(column)s（昇順）") % {"column": column.label} for column in sortable}
        down = {f"-{column.name}": _("%(column)s（降順）") % {"column": column.label} for column in sortable}
        return up | down


def named_parts(appearances: Collection[Any]) -> Mapping[Any, str]:
    """The parts that appearances name, as printed, a part's own mark of a repeat included."""
    rows = NamedPart.objects.filter(appearance__in=appearances).order_by("appearance", "position")
    labels = rows.values_list("appearance", "label", "is_repeat", "appearance__document__repeat_mark")
    return joined((pk, f"{label}{mark}" if is_repeat else label) for pk, label, is_repeat, mark in labels)


def parts_of_projects(projects: Collection[Any]) -> Mapping[Any, str]:
    rows = ProjectPart.objects.filter(project__in=projects).order_by("project", "position", "code")
    return joined(rows.values_list("project", "name"))


def sakigake_numbers(projects: Collection[Any]) -> Mapping[Any, str]:
    components = Appearance.objects.current().components().filter(project__in=projects)
    numbers = components.order_by("project", "sakigake_project__number").distinct()
    return joined(numbers.values_list("project", "sakigake_project__number"))


def joined(pairs: Any) -> Mapping[Any, str]:
    """Texts by key, in the order in which they come, ` / ` between them."""
    return {key: " / ".join(str(text) for _, text in own) for key, own in groupby(pairs, key=lambda pair: pair[0])}


def address(*pieces: str) -> Combinable:
    """A path of the site as the database puts it together: texts that begin or end with `/`, and fields."""
    return Concat(*(Value(piece) if "/" in piece or "#" in piece else F(piece) for piece in pieces))


def fiscal_year() -> Column:
    return Column("fiscal_year", _("年度"), Type.YEAR, _("4月に始まる年度。令和３年度は 2021。"), on_screen=False)


def project_code(path: str = "project__code") -> Column:
    return Column(
        "project_code", _("事業コード"), Type.CODE, _("事業に一度だけ付けた番号。"), path, on_screen=False
    )


def departments(label: Any, name: str, path: str) -> tuple[Column, Column]:
    """The code of a department, which files have and the screen links to, and what it is called here."""
    return (
        Column(
            "department_code",
            _("部局コード"),
            Type.CODE,
            _("部局に一度だけ付けた番号。"),
            "department__code",
            on_screen=False,
        ),
        Column(
            name,
            label,
            Type.TEXT,
            _("その年度の所管部局。"),
            path,
            sort=("department__position",),
            link="/departments/{department_code}/",
        ),
    )


def places(meaning: Any) -> tuple[Column, ...]:
    """Where a row is printed."""
    return (
        Column("source_document", _("出典資料"), Type.TEXT, _("印刷されている資料。"), "document__label"),
        Column(
            "source_page",
            _("出典ページ"),
            Type.NUMBER,
            meaning,
            "page",
            sort=("document__number", "page"),
            link="/sources/{document_number}/{source_page}/",
        ),
        Column("document_number", "", Type.NUMBER, "", "document__number", on_screen=False, in_files=False),
    )


def url(meaning: Any, *pieces: str) -> Column:
    return Column("url", "URL", Type.ADDRESS, meaning, address(*pieces), on_screen=False)


def parts(gather: Gather, meaning: Any) -> Column:
    return Column("parts", _("内訳"), Type.TEXT, meaning, gather=gather)


BY_PROJECT = ("project__kana", "project__code")

BUDGETS = Table(
    "budgets",
    _("予算額"),
    (
        fiscal_year(),
        project_code(),
        Column(
            "project_name",
            _("事業名"),
            Type.TEXT,
            _("事業の名。印刷ごとの書き方の違いは揃えてあります。"),
            "project__name",
            sort=BY_PROJECT,
            link="/projects/{project_code}/",
        ),
        Column("part", _("内訳"), Type.TEXT, _("額が事業の一部のものであるとき、その名。"), "part__name", only_stated=True),
        *departments(_("部局名"), "department_name", "department__name"),
        Column(
            "stage",
            _("予算の区分"),
            Type.CHOICE,
            _("当初・補正など。「前年度２月補正を含む」は、資料が合わせた額だけを示しているもの。"),
            "stage__code",
            only_stated=True,
            named_by="stage_name",
            sort=("stage__position",),
        ),
        Column("stage_name", "", Type.TEXT, "", "stage__name", only_stated=True, on_screen=False, in_files=False),
        Column(
            "kind",
            _("種別"),
            Type.CHOICE,
            _("予算額か融資枠。融資枠は貸し付けの枠で、支出ではありません。"),
            only_stated=True,
            words=KINDS,
            sort=("kind",),
        ),
        Column(
            "amount_thousand_yen",
            _("予算額（千円）"),
            Type.MONEY,
            _("千円単位の整数。空は「記載なし」で、0 ではありません。"),
            only_stated=True,
            sort=("amount_thousand_yen",),
        ),
        *places(_("額が印刷されているページ。額の記載がない事業では、その年度に最初に印刷されているページ。")),
        url(_("事業のページ。"), "/projects/", "project__code", "/"),
    ),
    (
        "-fiscal_year",
        "department__position",
        *BY_PROJECT,
        "part__position",
        "stage__position",
        "kind",
    ),
)

SAKIGAKE = Table(
    "sakigake",
    _("構成事業等"),
    (
        fiscal_year(),
        Column(
            "sakigake_number",
            _("番号"),
            Type.NUMBER,
            _("重点プロジェクトの番号。"),
            "sakigake_project__number",
            sort=("sakigake_project__number",),
        ),
        Column(
            "sakigake_name",
            _("重点プロジェクト"),
            Type.TEXT,
            _("重点プロジェクトの名称。"),
            "sakigake_project__name",
            link="/sakigake/{sakigake_number}/",
        ),
        Column("position", _("順番"), Type.NUMBER, _("重点プロジェクトの中で印刷されている順。"), on_screen=False),
        project_code(),
        Column(
            "printed_name",
            _("構成事業等"),
            Type.TEXT,
            _("印刷されているとおりの名。"),
            sort=BY_PROJECT,
            link="/projects/{project_code}/",
        ),
        *departments(_("部局名"), "printed_department", "printed_department"),
        parts(named_parts, _("ここに名が挙がっている内訳。複数あるときは「 / 」で区切ります。")),
        Column("is_repeat", _("再掲"), Type.MARK, _("印刷に再掲の印があるとき「再掲」。")),
        Column("kind", _("種別"), Type.CHOICE, _("印刷された額が予算額か融資枠か。"), NullIf("printed_kind", Value("")), words=KINDS),
        Column(
            "amount_thousand_yen",
            _("印刷された額（千円）"),
            Type.MONEY,
            _("印刷のとおり。再掲を含むので、足しても予算の合計にはなりません。空は「記載なし」です。"),
            "printed_amount_thousand_yen",
            sort=("printed_amount_thousand_yen",),
        ),
        Column("note", _("添え書き"), Type.TEXT, _("名の下に印刷されている説明。")),
        *places(_("印刷されているページ。")),
        url(_("重点プロジェクトのページ。"), "/sakigake/", "sakigake_project__code", "/"),
    ),
    ("-fiscal_year", "sakigake_project__number", "page", "position", "code"),
)

LISTINGS = Table(
    "listings",
    _("関連事業"),
    (
        fiscal_year(),
        Column(
            "area",
            _("分野"),
            Type.TEXT,
            _("分野の名。"),
            "countermeasure__goal__domain__area__name",
            sort=("countermeasure__goal__domain__area__position",),
        ),
        Column("domain", _("区分"), Type.TEXT, _("区分の名。"), "countermeasure__goal__domain__name"),
        Column("goal_code", _("目標コード"), Type.CODE, _("分野-区分-目標の番号。"), "countermeasure__goal__code"),
        Column(
            "goal", _("目標"), Type.TEXT, _("目標の文。"), "countermeasure__goal__text", link="/goals/{goal_code}/"
        ),
        Column("keyword", _("キーワード"), Type.TEXT, _("目標に添えて印刷されている語。"), "countermeasure__goal__keyword"),
        Column("countermeasure", _("対応策"), Type.TEXT, _("対応策の文。"), "countermeasure__text"),
        project_code(),
        Column(
            "printed_name",
            _("関連事業"),
            Type.TEXT,
            _("印刷されているとおりの名。"),
            sort=BY_PROJECT,
            link="/projects/{project_code}/",
        ),
        *departments(_("部局名"), "printed_department", "printed_department"),
        parts(named_parts, _("ここに名が挙がっている内訳。複数あるときは「 / 」で区切ります。")),
        Column("is_repeat", _("再掲"), Type.MARK, _("印刷に再掲の印があるとき「再掲」。")),
        Column("note", _("添え書き"), Type.TEXT, _("名の下に印刷されている説明。")),
        *places(_("印刷されているページ。")),
        url(
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
)

PROJECTS = Table(
    "projects",
    _("事業"),
    (
        project_code("code"),
        Column(
            "project_name",
            _("事業名"),
            Type.TEXT,
            _("事業の名。"),
            "name",
            sort=("kana", "name", "code"),
            link="/projects/{project_code}/",
        ),
        Column("nature", _("性質"), Type.CHOICE, _("事業、活動、または複数の事業の総称。"), words=NATURES, sort=("nature",)),
        *departments(_("部局名"), "department_name", "department__name"),
        parts(parts_of_projects, _("名の付いた内訳。複数あるときは「 / 」で区切ります。")),
        Column("listings", _("関連事業としての掲載"), Type.NUMBER, _("対応策の下に印刷されている数。"), "listing_count", sort=("listing_count",)),
        Column(
            "sakigake_numbers",
            _("重点プロジェクトの番号"),
            Type.TEXT,
            _("構成事業として印刷されている重点プロジェクト。複数あるときは「 / 」で区切ります。"),
            gather=sakigake_numbers,
        ),
        url(_("事業のページ。"), "/projects/", "code", "/"),
    ),
    ("department__position", "kana", "name", "code"),
)

TABLES = (BUDGETS, SAKIGAKE, LISTINGS, PROJECTS)
