"""Metadata of a file: totals, filters, counting rules, status, licence, provenance; and its data dictionary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Plan
from dxportal.changesets.current_plan import last_update_date
from dxportal.cp932 import ReplacedCharacters
from dxportal.tables.columns import Column, ColumnType
from dxportal.tables.selections import Selection
from dxportal.tables.table import Table
from dxportal.tables.totals import label_figures

MetadataLine = tuple[Any, Any]
MetadataSection = tuple[str, list[MetadataLine]]
METADATA_HEADER = (_("区分"), _("項目"), _("説明"))
DICTIONARY_HEADER = (_("列"), _("項目名（英数字）"), _("型"), _("意味"))

COUNTING_RULES: list[MetadataLine] = [
    (_("単位"), _("金額はすべて千円です。")),
    (
        _("再掲"),
        _("同じ事業が何度掲載されていても、予算額は重ねて数えません。資料に記載の額の合計は、再掲を含みます。"),
    ),
    (_("融資枠"), _("融資枠は貸し付けの枠で、支出ではありません。予算額の合計には含めません。")),
    (_("空欄"), _("金額の空欄は「記載なし」で、0円ではありません。")),
    (
        _("文の始めの「'」"),
        _("= + - @ などで始まる文には、計算式とみなされないように「'」を付けました。「'」を一つ取ると元の文です。"),
    ),
]


@dataclass(frozen=True)
class FileMetadata:
    """Contents of the sheets beside the first: sections of (heading, [(label, value), …]), and the first one's columns.

    `sheet_title` is the title of the first sheet, and `count` the number of its rows.
    """

    sheet_title: str
    columns: list[Column]
    count: int
    sections: list[MetadataSection]
    # Filled while the first sheet is written, hence before this one.
    replaced: ReplacedCharacters = field(default_factory=ReplacedCharacters)

    @property
    def types(self) -> list[ColumnType]:
        return [column.type for column in self.columns]

    @property
    def lines(self) -> list[tuple[str, Any, Any]]:
        """The rows of the metadata sheet under `METADATA_HEADER`."""
        return [(heading, label, value) for heading, lines in self.all_sections for label, value in lines]

    @property
    def dictionary(self) -> list[tuple[Any, ...]]:
        """The rows of the data dictionary under `DICTIONARY_HEADER`."""
        return [(column.label, column.name, column.type.value, column.meaning) for column in self.columns]

    @property
    def all_sections(self) -> list[MetadataSection]:
        """The sections, with one on the characters that a CSV in CP932 would replace, if there are any."""
        heading = gettext("CP932（シフトJIS）のCSVで置き換わる文字")
        return [*self.sections, (heading, [*self.replaced.descriptions])] if self.replaced.count else self.sections

    @classmethod
    def of_selection(cls, selection: Selection, plan: Plan | None) -> FileMetadata:
        label = str(selection.table.label)
        sections: list[MetadataSection] = [
            (label, [(gettext("件数"), selection.count), *total_lines(selection)]),
            (gettext("絞り込みと並べ方"), selection.conditions),
            *group_sections(selection),
            (gettext("集計方法"), [*((gettext("この表について"), note) for note in selection.notes), *COUNTING_RULES]),
            (gettext("出所"), [*provenance_lines(plan), (gettext("取得元"), selection.url)]),
        ]
        return cls(label, selection.table.in_files, selection.count, sections)

    @classmethod
    def of_rows(cls, table: Table, count: int, plan: Plan | None) -> FileMetadata:
        """Return the metadata of rows that no public URL selects, such as those of a sheet or an admin export."""
        label = str(table.label)
        sections: list[MetadataSection] = [
            (label, [(gettext("件数"), count)]),
            (gettext("集計方法"), COUNTING_RULES),
            (gettext("出所"), provenance_lines(plan)),
        ]
        return cls(label, table.in_files, count, sections)


def total_lines(selection: Selection) -> list[MetadataLine]:
    """Return the labelled figures; a sum over no stated amount is 記載なし, not 0."""
    return [
        (label, gettext("記載なし") if value is None else value)
        for label, value in label_figures(selection.total)
        if label != gettext("件数")
    ]


def group_sections(selection: Selection) -> list[MetadataSection]:
    """Return a section with each group's expenditure in thousand yen; [] if the selection is not grouped."""
    if not selection.groups:
        return []
    heading = gettext("%(group)s別の予算額（千円）") % {"group": selection.group_label}
    lines: list[MetadataLine] = [
        (group.label, group.total.expenditure_thousand_yen if group.total.expenditure_rows else gettext("記載なし"))
        for group in selection.groups
    ]
    return [(heading, [*lines, *((gettext("この集計について"), note) for note in selection.group_notes)])]


def provenance_lines(plan: Plan | None) -> list[MetadataLine]:
    """Return the provenance: plan, status, publisher, licence, notice, dates of update and download."""
    taken: list[MetadataLine] = [(gettext("取得日"), date_format(timezone.localdate(), "Y年n月j日"))]
    if plan is None:
        return taken
    return [
        (gettext("計画"), plan.title),
        (gettext("計画の状態"), plan.status or gettext("確定")),
        (gettext("発行者"), plan.publisher),
        (gettext("利用条件"), plan.licence),
        (gettext("お断り"), plan.notice),
        (gettext("内容の更新日"), date_format(last_update_date(plan), "Y年n月j日")),
        *taken,
    ]
