"""Compiled queries return the rows of the querysets they are compiled from."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.test.utils import CaptureQueriesContext

from catalog.compiled_queries import compiled_query
from catalog.models import Area, Domain, Goal

pytestmark = pytest.mark.django_db

made: list[tuple[object, ...]] = []


@compiled_query
def goals_in(area: str, from_page: int) -> QuerySet[Goal]:
    made.append((area, from_page))
    goals = Goal.objects.filter(Q(domain__area__code=area), Q(page__gte=from_page))
    return goals.select_related("domain__area").order_by("code")


@compiled_query
def domains_of(area: UUID) -> QuerySet[Domain]:
    return Domain.objects.filter(area=area).prefetch_related("goals").annotate(count=Count("goals"))


@compiled_query
def names_of(area: UUID, code: str) -> QuerySet[Domain, tuple[UUID, str]]:
    return Domain.objects.filter(area=area).exclude(code=code).order_by("code").values_list("area_id", "name")


def test_the_rows_are_those_of_the_queryset_for_every_value() -> None:
    pages = sorted(Goal.objects.values_list("page", flat=True))
    assert len(set(pages)) > 1
    for area in Area.objects.all():
        for page in (pages[0], pages[-1], pages[-1] + 1):
            expected = Goal.objects.filter(domain__area=area, page__gte=page).order_by("code")
            assert goals_in(area.code, page) == list(expected)
    assert goals_in("no such area", 1) == []


def test_a_statement_is_put_together_once() -> None:
    goals_in("1", 1)
    before = len(made)
    goals_in("2", 5)
    assert len(made) == before


def test_what_is_read_with_the_rows_is_there() -> None:
    area = Area.objects.get(code="3")
    expected = {domain.name: domain.goals.count() for domain in area.domains.all()}
    assert len(expected) > 1
    with CaptureQueriesContext(connection) as queries:
        named = [(goal.domain.area.name, goal.domain.name) for goal in goals_in("3", 1)]
        assert {domain.name: domain.count for domain in domains_of(area.pk)} == expected
        assert {domain.name: len(domain.goals.all()) for domain in domains_of(area.pk)} == expected
    assert {name for _, name in named} == set(expected)
    assert len(queries) == 1 + 2 + 2


def test_values_are_read_as_what_they_are() -> None:
    area = Area.objects.get(code="1")
    domains = area.domains.order_by("code")
    first, *others = domains
    assert names_of(area.pk, first.code) == [(area.pk, domain.name) for domain in others]


def test_rows_are_read_anew() -> None:
    area = Area.objects.get(code="1")
    before = domains_of(area.pk)
    area.domains.update(name="別の名")
    assert {domain.name for domain in domains_of(area.pk)} == {"別の名"} != {domain.name for domain in before}


def test_a_value_that_does_not_stand_by_itself_is_refused() -> None:
    @compiled_query
    def first(count: int) -> QuerySet[Goal]:
        return Goal.objects.all()[:count]

    @compiled_query
    def holding(word: str) -> QuerySet[Goal]:
        return Goal.objects.filter(text__contains=word)

    for refused in (lambda: first(3), lambda: holding("デジタル")):
        with pytest.raises(ValueError, match="by themselves"):
            refused()


def test_nothing_is_no_value() -> None:
    with pytest.raises(TypeError, match="None"):
        names_of(None, "1-1")
