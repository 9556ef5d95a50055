"""Labels of the facets and of their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from budgets.totals import fiscal_years
from catalog.models import Area, Department, Plan
from dxportal.money_and_years import fiscal_year
from dxportal.search.index.ngrams import KIND
from dxportal.search.models import DocumentKind, FacetName

FacetValueLabels = Mapping[str, Mapping[str, str]]  # facet -> code of a value -> label

FACET_LABELS: dict[str, Any] = {KIND: gettext_lazy("種類"), **{facet.value: facet.label for facet in FacetName}}


def read_value_labels(plan: Plan | None) -> FacetValueLabels:
    """Return the labels of the values of every facet, in display order, as the plan calls them; three queries."""
    kinds = {kind.value: str(kind.label) for kind in DocumentKind}
    if plan:
        kinds[DocumentKind.SAKIGAKE.value] = plan.sakigake_label
    return {
        KIND: kinds,
        FacetName.AREA: {area.code: str(area) for area in Area.objects.current()},
        FacetName.DEPARTMENT: {department.code: department.name for department in Department.objects.all()},
        FacetName.YEAR: {str(year): fiscal_year(year) for year in fiscal_years()},
    }
