from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, ProtectedError

from budgets.models import BudgetLine
from catalog.models import (
    Area,
    Department,
    DepartmentAlias,
    Goal,
    Initiative,
    Passage,
    PillarItem,
    Plan,
    PolicyMeasure,
    PromotionBody,
    PromotionLink,
    SourceDocument,
)
from catalog.models.base import CODE_VALIDATOR
from dxportal.tracked_tables import CATALOGUE
from projects.models import Appearance, Project, SakigakeProject

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("page", "page_to"), [(0, None), (5, 5), (5, 4)])
def test_a_place_that_cannot_be_is_refused_by_the_database(page: int, page_to: int | None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Goal.objects.filter(code="1-1-1").update(page=page, page_to=page_to)


def test_a_code_is_unique_in_its_plan_and_free_in_another() -> None:
    area = Area.objects.get(code="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.create(plan=area.plan, code="1", document=area.document, page=4, position=9, name="二つめ")
    other = Plan.objects.create(
        code="other",
        title="別の計画",
        period_from=2030,
        period_to=2031,
        publisher="県",
        licence="",
        updated_on="2026-11-23",
        is_current=False,
    )
    document = other.documents.create(number=1, label="資料", title="題", page_from=1, page_to=9)
    Area.objects.create(plan=other, code="1", document=document, page=4, position=1, name="別の分野")
    assert Area.objects.filter(code="1").count() == 2
    assert [str(row) for row in Area.objects.current().filter(code="1")] == ["Ⅰ 産業維新"]


def test_only_one_plan_is_current() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.create(
            code="x", title="別", period_from=2021, period_to=2021, publisher="県", licence="", updated_on="2026-11-23"
        )


def test_a_period_does_not_run_backwards() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.update(period_from=2023)


def test_nothing_that_is_pointed_at_can_be_deleted() -> None:
    for model in CATALOGUE:
        pointing = [one for one in model._meta.related_objects if one.one_to_many or one.one_to_one]
        for relation in pointing:
            field = relation.field
            assert isinstance(field, models.ForeignKey)
            if field.model in CATALOGUE:
                assert relation.on_delete is models.PROTECT, relation
    with pytest.raises(ProtectedError):
        Department.objects.get(code="kyoiku").delete()
    with pytest.raises(ProtectedError):
        Goal.objects.get(code="1-1-1").delete()


def test_a_label_leads_to_one_department() -> None:
    assert Department.objects.labelled("教育委員会").get().name == "教育庁"
    assert Department.objects.labelled("教育庁").get().name == "教育庁"
    with pytest.raises(IntegrityError), transaction.atomic():
        DepartmentAlias.objects.create(department=Department.objects.get(code="somu"), label="教育委員会", position=1)


def test_the_vision_is_the_passage_of_that_code() -> None:
    vision = Passage.objects.current().visions().first()
    assert vision is not None
    assert vision.text.startswith("デジタル化がもたらす「地域課題の解決」と")


def test_a_link_joins_two_different_bodies_as_far_as_they_are_known() -> None:
    link = PromotionLink.objects.get(code="1")
    PromotionLink.objects.filter(pk=link.pk).update(target=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        PromotionLink.objects.filter(pk=link.pk).update(target=PromotionBody.objects.get(code="cio-adviser"))


@pytest.mark.parametrize("code", ["1-2-1", "smart-agri", "2021", "5g"])
def test_codes(code: str) -> None:
    CODE_VALIDATOR(code)


@pytest.mark.parametrize("code", ["", "A", "１", "a--b", "-a", "a-", "a b", "a\n", "a/b", "a_b"])
def test_what_is_no_code(code: str) -> None:
    with pytest.raises(ValidationError):
        CODE_VALIDATOR(code)


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.__name__)
def test_every_row_can_be_found_by_its_natural_key(model: Any) -> None:
    for row in model.objects.all()[:5]:
        assert model.objects.get_by_natural_key(*row.natural_key()) == row


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Passage, {"parent": F("id")}),
        (PillarItem, {"parent": F("id")}),
        (PolicyMeasure, {"revision_mark": "gift"}),
        (Initiative, {"revision_mark": "gift"}),
        (SourceDocument, {"page_from": 0}),
        (SourceDocument, {"number": 0}),
        (SakigakeProject, {"number": F("number") + 10}),
        (Project, {"nature": "junk"}),
        (Appearance, {"fiscal_year": 21}),
        (BudgetLine, {"fiscal_year": 21}),
        (BudgetLine, {"page": 0}),
    ],
)
def test_what_no_row_can_be(model: Any, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=model.objects.first().pk).update(**values)


def test_every_table_speaks_japanese() -> None:
    for model in CATALOGUE:
        assert any(ord(character) > 0x3000 for character in str(model._meta.verbose_name)), model
        for field in model._meta.fields:
            if not field.primary_key:
                assert any(ord(character) > 0x3000 for character in str(field.verbose_name)), (model, field)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("一\r\n二\r三", "一\n二\n三"),
        ("ﾊﾝｶｸｶﾞﾅ", "ハンカクガナ"),
        ("か\u3099ぎ", "がぎ"),
        ("　前後 \n", "前後"),
        ("ＤＸ\tDX", "ＤＸ\tDX"),
    ],
)
def test_texts_are_normalised_whatever_form_they_come_by(typed: str, stored: str) -> None:
    goal = Goal.objects.get(code="1-1-1")
    goal.text = goal.editorial_note = typed
    goal.full_clean()
    assert (goal.text, goal.editorial_note) == (stored, stored)
