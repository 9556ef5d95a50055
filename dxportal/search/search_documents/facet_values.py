"""Facet values of documents, as (facet, code)."""

from __future__ import annotations

from dxportal.search.models import FacetName


def area_facet(code: str) -> tuple[str, str]:
    return FacetName.AREA, code


def department_facet(code: str) -> tuple[str, str]:
    return FacetName.DEPARTMENT, code


def year_facet(number: int) -> tuple[str, str]:
    return FacetName.YEAR, str(number)
