"""What the plan that is published contains, as several pages list it: each a list, read anew with each call."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.compiled_queries import prepared
from catalog.models import Area, Department, SourceDocument
from catalog.models.departments import DepartmentQuerySet
from catalog.models.plans import SourceDocumentQuerySet


@prepared
def documents() -> SourceDocumentQuerySet:
    return SourceDocument.objects.current()


@prepared
def areas() -> QuerySet[Area]:
    return Area.objects.current().cited()


@prepared
def departments() -> DepartmentQuerySet:
    return Department.objects.in_order()
