"""Finding words in what is published: as they are written, in whichever width and case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet

from catalog.models import Area, Countermeasure, Department, Domain, Goal, Initiative, Passage, PillarItem
from projects.models import Project, SakigakeProject

LIMIT = 30
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True)
class Group:
    """What was found in one table."""

    kind: str
    rows: list[Any]
    has_more: bool


def tables() -> Iterator[tuple[QuerySet[Any], tuple[str, ...]]]:
    """Where words are looked for, what a person most likely means first."""
    yield Project.objects.all(), ("name", "kana", "parts__name")
    yield Goal.objects.current(), ("keyword", "text")
    yield SakigakeProject.objects.current(), ("name", "description")
    yield Countermeasure.objects.current().select_related("goal"), ("text",)
    yield Domain.objects.current(), ("name",)
    yield Area.objects.current(), ("name", "future_images__text")
    yield Department.objects.all(), ("name", "aliases__label")
    yield PillarItem.objects.current().select_related("pillar"), ("text",)
    yield Passage.objects.current(), ("heading", "text")
    yield Initiative.objects.current(), ("text", "content")


def find(query: str) -> list[Group]:
    """Groups of rows that contain every word of the query, at most LIMIT of a kind."""
    words = query.replace("\0", "").split()
    groups = []
    for rows, fields in tables() if words else ():
        for word in words:
            rows = rows.filter(contains(word, fields))
        found = list(rows.distinct()[: LIMIT + 1])
        if found:
            model: type[Model] = rows.model
            groups.append(Group(str(model._meta.verbose_name), found[:LIMIT], len(found) > LIMIT))
    return groups


def contains(word: str, fields: tuple[str, ...]) -> Q:
    narrow = unicodedata.normalize("NFKC", word)
    condition = Q()
    wide = {spelling.translate(FULL_WIDTH) for spelling in (narrow, narrow.upper(), narrow.lower())}
    for spelling in {word, narrow, *wide}:
        for field in fields:
            condition |= Q(**{f"{field}__icontains": spelling})
    return condition
