"""Reasons for year-on-year changes: one text of a project for each pair of years, the earlier of which is the base."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from budgets.models import ChangeReason
from budgets.reasons import find_base_year, read_reasons
from projects.models import Project
from tests.budgets.making import change_reason, line

pytestmark = pytest.mark.django_db


def project(code: str) -> Project:
    return Project.objects.get(code=code)


@pytest.mark.parametrize(
    ("fiscal_year", "base_year", "sentence"),
    [
        (2021, 2021, "比較対象の年度は、年度より前の年度に"),
        (2021, 2022, "比較対象の年度は、年度より前の年度に"),
        (2021, 3, "1900"),
        (2021, 2020, "同じ二つの年度の増減の理由がもうあります"),
    ],
)
def test_years_that_cannot_be_are_refused_by_form_and_database(fiscal_year: int, base_year: int, sentence: str) -> None:
    change_reason("workation")
    row = ChangeReason(project=project("workation"), fiscal_year=fiscal_year, base_year=base_year, text="理由")
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert sentence in str(refused.value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_another_pair_of_years_and_another_project_have_a_reason_of_their_own() -> None:
    change_reason("workation")
    for fiscal_year, base_year in ((2021, 2019), (2022, 2020)):
        row = ChangeReason(project=project("workation"), fiscal_year=fiscal_year, base_year=base_year, text="理由")
        row.full_clean()
    change_reason("education-computers").full_clean()


def test_a_reason_is_a_text_without_hidden_characters() -> None:
    row = ChangeReason(project=project("workation"), fiscal_year=2021, base_year=2020, text="　 ")
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert list(refused.value.message_dict) == ["text"]
    row.text = " 対象の学校を\r\nﾌﾔｼたため。 "
    row.full_clean()
    assert row.text == "対象の学校を\nフヤシたため。"


def test_a_reason_is_found_by_its_natural_key() -> None:
    row = change_reason("workation")
    assert row.natural_key() == ("workation", "2021", "2020")
    assert ChangeReason.objects.get_by_natural_key(*row.natural_key()) == row
    assert str(row) == "ワーケーション推進事業 2020年度から2021年度"


def test_reasons_are_read_by_project_with_one_query() -> None:
    change_reason("workation", "一つめ")
    change_reason("education-computers", "二つめ")
    change_reason("workation", "別の年度", fiscal_year=2022)
    first, second = project("workation").pk, project("education-computers").pk
    with CaptureQueriesContext(connection) as queries:
        assert read_reasons(2020, 2021) == {first: "一つめ", second: "二つめ"}
    assert len(queries) == 1
    assert read_reasons(2020, 2021, [second]) == {second: "二つめ"}
    assert read_reasons(2020, 2021, []) == read_reasons(2019, 2021) == {}


def test_a_year_is_compared_with_the_latest_before_it_that_has_a_line() -> None:
    assert find_base_year(2021) == 2021
    assert find_base_year(2023) == 2021
    line("workation", 1, fiscal_year=2022)
    assert [find_base_year(year) for year in (2022, 2023, 1999)] == [2021, 2022, 1999]
