"""Finding words in what is published: as they are written, in whichever width and case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext

from catalog.models import Area, Countermeasure, Department, Domain, Goal, Initiative, Passage, PillarItem
from projects.models import Project, SakigakeProject

LIMIT = 30
WORDS = 8
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True)
class Group:
    """What was found in one table."""

    kind: str
    rows: list[Any]
    has_more: bool


def tables() -> Iterator[tuple[str, QuerySet[Any], tuple[str, ...]]]:
    """Where words are looked for, what a person most likely means first."""
    yield gettext("事業"), Project.objects.all(), ("name", "kana", "parts__name")
    yield gettext("目標"), Goal.objects.current(), ("keyword", "text")
    yield gettext("重点プロジェクト"), SakigakeProject.objects.current(), ("name", "description")
    yield gettext("対応策"), Countermeasure.objects.current().select_related("goal"), ("text",)
    yield gettext("区分"), Domain.objects.current(), ("name",)
    yield gettext("分野"), Area.objects.current(), ("name", "future_images__text")
    yield gettext("部局"), Department.objects.all(), ("name", "aliases__label")
    yield gettext("具体的な取組事項"), PillarItem.objects.current().select_related("pillar"), ("text",)
    yield gettext("計画の本文"), Passage.objects.current(), ("heading", "text")
    yield gettext("総合戦略の具体的取組"), Initiative.objects.current(), ("text", "content")


def words_of(query: str) -> list[str]:
    """The different words of a query, at most WORDS of them."""
    return list(dict.fromkeys(query.replace("\0", "").split()))[:WORDS]


def find(query: str) -> list[Group]:
    """Groups of rows that contain every word of the query, at most LIMIT of a kind."""
    words = words_of(query)
    groups = []
    for kind, rows, fields in tables() if words else ():
        for word in words:
            rows = rows.filter(contains(word, rows.model, fields))
        found = list(rows[: LIMIT + 1])
        if found:
            groups.append(Group(kind, found[:LIMIT], len(found) > LIMIT))
    return groups


def contains(word: str, model: type[Model], fields: tuple[str, ...]) -> Q:
    """Whether a row, or a child of it, contains a word; children by subquery, so that words do not multiply rows."""
    narrow = unicodedata.normalize("NFKC", word)
    wide = {spelling.translate(FULL_WIDTH) for spelling in (narrow, narrow.upper(), narrow.lower())}
    condition = Q()
    for spelling in {word, narrow, *wide}:
        for field in fields:
            holds = Q(**{f"{field}__icontains": spelling})
            condition |= Q(pk__in=model._default_manager.filter(holds).values("pk")) if "__" in field else holds
    return condition
