"""Facet values of documents, as (facet, code)."""

from __future__ import annotations

from dxportal.search.models import Narrowing


def area(code: str) -> tuple[str, str]:
    return Narrowing.AREA, code


def department(code: str) -> tuple[str, str]:
    return Narrowing.DEPARTMENT, code


def year(number: int) -> tuple[str, str]:
    return Narrowing.YEAR, str(number)
