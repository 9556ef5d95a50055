"""What travels with a file: totals, filters, rules, status, licence, where it comes from, what its columns mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from catalog.models import Plan
from dxportal.exports.cells import Cell
from dxportal.exports.selections import Selection
from dxportal.exports.totals import told

Line = tuple[Any, Cell]
Section = tuple[str, list[Line]]


@dataclass(frozen=True)
class About:
    """The second sheet, section by section, each a heading and lines of (label, value)."""

    sheet_title: str
    count: int
    sections: list[Section]

    @classmethod
    def of(cls, selection: Selection, plan: Plan | None) -> About:
        label = str(selection.table.label)
        sections: list[Section] = [
            (label, [(gettext("行数"), selection.count), *sums(selection)]),
            (gettext("絞り込みと並べ方"), selection.conditions),
            *groups(selection),
            (gettext("数え方"), rules(selection)),
            (gettext("出所"), origin(selection, plan)),
            (gettext("列の意味"), [(column.label, str(column.meaning)) for column in selection.table.in_files]),
        ]
        return cls(label, selection.count, sections)


def sums(selection: Selection) -> list[Line]:
    """The figures; a sum of nothing is not 0."""
    return [
        (label, gettext("記載なし") if value is None else value)
        for label, value in told(selection.total)
        if label != gettext("行数")
    ]


def groups(selection: Selection) -> list[Section]:
    """The expenditure of each group, where the page shows groups."""
    if not selection.groups:
        return []
    heading = gettext("%(group)sごとの予算額（千円）") % {"group": selection.group_label}
    lines: list[Line] = [
        (group.label, group.total.expenditure_thousand_yen if group.total.expenditure_rows else gettext("記載なし"))
        for group in selection.groups
    ]
    return [(heading, [*lines, *(("", note) for note in selection.group_notes)])]


def rules(selection: Selection) -> list[Line]:
    return [
        *((gettext("この表について"), note) for note in selection.notes),
        (gettext("単位"), gettext("金額はすべて千円です。")),
        (
            gettext("再掲"),
            gettext("同じ事業が何度印刷されていても、予算額は一度だけ数えます。印刷された額の合計は、再掲を含みます。"),
        ),
        (gettext("融資枠"), gettext("融資枠は貸し付けの枠で、支出ではありません。予算額の合計には含めません。")),
        (gettext("空欄"), gettext("金額の空欄は「記載なし」で、0円ではありません。")),
        (
            gettext("文の始めの「'」"),
            gettext(
                "= + - @ などで始まる文には、計算式とみなされないように「'」を付けました。「'」を一つ取ると元の文です。"
            ),
        ),
    ]


def origin(selection: Selection, plan: Plan | None) -> list[Line]:
    """Whose figures these are, under which conditions, when and from where the file was taken."""
    taken: list[Line] = [
        (gettext("取得日"), date_format(timezone.localdate(), "Y年n月j日")),
        (gettext("取得元"), selection.url),
    ]
    if plan is None:
        return taken
    return [
        (gettext("計画"), plan.title),
        (gettext("計画の状態"), plan.status or gettext("確定")),
        (gettext("発行者"), plan.publisher),
        (gettext("利用条件"), plan.licence),
        (gettext("お断り"), plan.notice),
        (gettext("内容の更新日"), date_format(plan.updated_on, "Y年n月j日")),
        *taken,
    ]
