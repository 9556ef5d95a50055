"""What the plan that is published contains, as several pages list it: each a list, read anew with each call."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.models import Area, Department, Goal, Passage, Pillar, SourceDocument
from catalog.models.departments import DepartmentQuerySet
from catalog.models.plans import PassageQuerySet, SourceDocumentQuerySet
from catalog.statements import prepared


@prepared
def documents() -> SourceDocumentQuerySet:
    return SourceDocument.objects.current()


@prepared
def passages() -> PassageQuerySet:
    return Passage.objects.current().cited()


@prepared
def pillars() -> QuerySet[Pillar]:
    return Pillar.objects.current().cited()


@prepared
def areas() -> QuerySet[Area]:
    return Area.objects.current().cited()


@prepared
def goals() -> QuerySet[Goal]:
    return Goal.objects.current().in_printed_order()


@prepared
def departments() -> DepartmentQuerySet:
    return Department.objects.in_order()
