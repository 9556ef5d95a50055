"""Breadcrumb (現在地): the pages from the home page to the page of a row."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from catalog.models import Area, Department, Domain, Goal, Pillar, SourceDocument
from projects.models import Project, SakigakeProject

Trail = list[tuple[Any, str]]

LIST_PAGES: dict[type[Any], tuple[Any, str]] = {
    Pillar: (gettext_lazy("施策の柱"), "/pillars/"),
    Area: (gettext_lazy("分野"), "/areas/"),
    Project: (gettext_lazy("事業"), "/projects/"),
    Department: (gettext_lazy("部局"), "/departments/"),
    SourceDocument: (gettext_lazy("資料"), "/sources/"),
}


def trail_to(row: Any) -> Trail:
    """List the pages above the page of a row as (label, address), the nearest last, without the home page."""
    parent: Any = row.domain if isinstance(row, Goal) else row.area if isinstance(row, Domain) else None
    if isinstance(row, SakigakeProject):
        return [(row.plan.sakigake_label, "/sakigake/")]
    if parent is None:
        return [LIST_PAGES[type(row)]]
    return [*trail_to(parent), (str(parent), parent.get_absolute_url())]
