"""Rows of a printed page, nested as printed, each with the texts to display for its model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from catalog.models import (
    Area,
    Countermeasure,
    Domain,
    FutureImage,
    Goal,
    Initiative,
    Passage,
    Pillar,
    PillarItem,
    PolicyHeading,
    PolicyMeasure,
    PromotionBody,
    PromotionLink,
    StrategySection,
)
from dxportal.public.tree import Branch
from projects.models import Appearance, SakigakeProject


@dataclass(frozen=True)
class Words:
    """The texts of a row, in display order; an appearance, which has marks and an amount, has its own template."""

    kind: str = ""
    number: int | None = None  # of a Sakigake project
    strong: str = ""
    name: str = ""
    href: str = ""  # link target of the name
    text: str = ""
    mark: str = ""  # revision mark of the text
    behind: str = ""
    paragraphs: str = ""
    appearance: Appearance | None = None


@dataclass(frozen=True)
class PrintedRow:
    """A row with its children; `heading` is printed above it, once for consecutive rows with the same heading."""

    words: Words
    heading: str
    editorial_note: str
    children: list[PrintedRow]


def printed_rows(branches: Iterable[Branch]) -> list[PrintedRow]:
    rows: list[PrintedRow] = []
    heading: tuple[Any, ...] = ()
    for branch in branches:
        begins = bool(branch.heading) and branch.heading != heading
        heading = branch.heading or heading
        words = WORDS[type(branch.row)](branch.row)
        note = "" if words.appearance else branch.row.editorial_note  # the template of an appearance shows it
        children = printed_rows(branch.children)
        rows.append(PrintedRow(words, branch.heading[0] if begins else "", note, children))
    return rows


def linked(kind: str, row: Any, name: str, **others: Any) -> Words:
    return Words(kind, name=name, href=row.get_absolute_url(), **others)


def promotion_link(row: PromotionLink) -> Words:
    ends = f"（{row.source.name} → {row.target.name}）" if row.source and row.target else ""
    return linked(gettext("つながり"), row, row.label, behind=ends)


def appearance(row: Appearance) -> Words:
    is_component = row.sakigake_project_id is not None
    return Words(gettext("構成事業等") if is_component else gettext("関連事業"), appearance=row)


WORDS: dict[type, Callable[[Any], Words]] = {
    Passage: lambda row: Words(strong=row.heading, text=row.text),
    Pillar: lambda row: linked(gettext("施策の柱"), row, row.name, paragraphs=row.text),
    PillarItem: lambda row: Words(text=row.text),
    Area: lambda row: linked(gettext("分野"), row, f"{row.numeral} {row.name}"),
    FutureImage: lambda row: Words(gettext("目指すべき将来像"), text=row.text),
    Domain: lambda row: linked(gettext("区分"), row, row.name),
    Goal: lambda row: linked(gettext("目標"), row, row.keyword, paragraphs=row.text),
    Countermeasure: lambda row: Words(gettext("対応策"), text=row.text),
    PromotionBody: lambda row: linked(gettext("組織"), row, row.name, behind=f" {row.detail}"),
    PromotionLink: promotion_link,
    SakigakeProject: lambda row: linked(
        row.plan.sakigake_label, row, row.name, number=row.number, paragraphs=row.description
    ),
    Appearance: appearance,
    StrategySection: lambda row: Words(strong=f"{row.numeral} {row.name}"),
    PolicyHeading: lambda row: Words(gettext("施策の柱"), text=row.name + row.note),
    PolicyMeasure: lambda row: Words(gettext("施策展開"), text=row.name, mark=row.revision_mark),
    Initiative: lambda row: Words(gettext("具体的取組"), text=row.text, mark=row.revision_mark, paragraphs=row.content),
}
