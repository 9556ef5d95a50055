"""Lists of the published plan that several pages show; each call queries the database."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.compiled_queries import compiled_query
from catalog.models import Area, Department, SourceDocument
from catalog.models.departments import DepartmentQuerySet
from catalog.models.plans import SourceDocumentQuerySet


@compiled_query
def documents() -> SourceDocumentQuerySet:
    return SourceDocument.objects.current()


@compiled_query
def areas() -> QuerySet[Area]:
    return Area.objects.current().cited()


@compiled_query
def departments() -> DepartmentQuerySet:
    return Department.objects.in_order()
