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
class RowTexts:
    """The texts of a row, in display order; an appearance, which has marks and an amount, has its own template."""

    kind: str = ""
    number: int | None = None  # of a Sakigake project
    strong: str = ""
    name: str = ""
    href: str = ""  # link target of the name
    text: str = ""
    mark: str = ""  # revision mark of the text
    suffix: str = ""
    paragraphs: str = ""
    appearance: Appearance | None = None


@dataclass(frozen=True)
class PrintedBranch:
    """A row with its children; `heading` is printed above it, once for consecutive rows with the same heading."""

    texts: RowTexts
    heading: str
    editorial_note: str
    children: list[PrintedBranch]


def printed_rows(branches: Iterable[Branch]) -> list[PrintedBranch]:
    rows: list[PrintedBranch] = []
    heading: tuple[Any, ...] = ()
    for branch in branches:
        has_new_heading = bool(branch.heading) and branch.heading != heading
        heading = branch.heading or heading
        texts = TEXTS_BY_MODEL[type(branch.row)](branch.row)
        note = "" if texts.appearance else branch.row.editorial_note  # the template of an appearance shows it
        children = printed_rows(branch.children)
        rows.append(PrintedBranch(texts, branch.heading[0] if has_new_heading else "", note, children))
    return rows


def linked_texts(kind: str, row: Any, name: str, **texts: Any) -> RowTexts:
    return RowTexts(kind, name=name, href=row.get_absolute_url(), **texts)


def promotion_link_texts(row: PromotionLink) -> RowTexts:
    ends = f"（{row.source.name} → {row.target.name}）" if row.source and row.target else ""
    return linked_texts(gettext("つながり"), row, row.label, suffix=ends)


def appearance_texts(row: Appearance) -> RowTexts:
    is_component = row.sakigake_project_id is not None
    return RowTexts(gettext("構成事業") if is_component else gettext("関連事業"), appearance=row)


TEXTS_BY_MODEL: dict[type, Callable[[Any], RowTexts]] = {
    Passage: lambda row: RowTexts(strong=row.heading, text=row.text),
    Pillar: lambda row: linked_texts(gettext("施策の柱"), row, row.name, paragraphs=row.text),
    PillarItem: lambda row: RowTexts(text=row.text),
    Area: lambda row: linked_texts(gettext("分野"), row, f"{row.numeral} {row.name}"),
    FutureImage: lambda row: RowTexts(gettext("目指すべき将来像"), text=row.text),
    Domain: lambda row: linked_texts(gettext("区分"), row, row.name),
    Goal: lambda row: linked_texts(gettext("目標"), row, row.keyword, paragraphs=row.text),
    Countermeasure: lambda row: RowTexts(gettext("対応策"), text=row.text),
    PromotionBody: lambda row: linked_texts(gettext("組織"), row, row.name, suffix=f" {row.detail}"),
    PromotionLink: promotion_link_texts,
    SakigakeProject: lambda row: linked_texts(
        row.plan.sakigake_label, row, row.name, number=row.number, paragraphs=row.description
    ),
    Appearance: appearance_texts,
    StrategySection: lambda row: RowTexts(strong=f"{row.numeral} {row.name}"),
    PolicyHeading: lambda row: RowTexts(gettext("施策の柱"), text=row.name + row.note),
    PolicyMeasure: lambda row: RowTexts(gettext("施策展開"), text=row.name, mark=row.revision_mark),
    Initiative: lambda row: RowTexts(
        gettext("具体的取組"), text=row.text, mark=row.revision_mark, paragraphs=row.content
    ),
}
