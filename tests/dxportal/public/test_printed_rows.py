"""The rows of a printed page: every kind as it is printed, nested, and no text in them taken for markup."""

from __future__ import annotations

import re
from html import escape

import pytest
from django.apps import apps
from django.template.loader import render_to_string

from catalog.models import (
    Area,
    Goal,
    Initiative,
    Passage,
    Pillar,
    Plan,
    Printed,
    PromotionBody,
    PromotionLink,
    SourceDocument,
)
from dxportal.public.printed_rows import TEXTS_BY_MODEL, printed_rows
from dxportal.public.tree import Branch
from projects.models import Appearance, Project, SakigakeProject

pytestmark = pytest.mark.on_no_database

HOSTILE = "<b>\"'&"
DOCUMENT = SourceDocument(number=1, label="資料１", title="題", page_from=1, page_to=9, repeat_mark="再掲")


def filled(model: type[Printed]) -> Printed:
    """A row of the model with the same hostile text wherever it can hold any."""
    texts = {
        field.name: HOSTILE
        for field in model._meta.get_fields()
        if field.concrete and field.get_internal_type() in {"CharField", "TextField"} and not field.choices
    }
    row = model(**texts | {"page": 3})
    row.document = DOCUMENT
    match row:
        case Appearance():
            row.project, row.parts = Project(code="road", name=HOSTILE), []
            row.printed_kind, row.printed_amount_thousand_yen = "lending_limit", 1000
            row.sakigake_project_id = SakigakeProject().pk
        case SakigakeProject():
            row.plan, row.number = Plan(sakigake_label=HOSTILE), 4
        case PromotionLink():
            row.source, row.target = PromotionBody(name=HOSTILE), PromotionBody(name=HOSTILE)
    return row


def written(*branches: Branch) -> str:
    """The list of rows, without the line ends between its elements."""
    values = {"rows": printed_rows(branches), "is_outermost": True}
    return re.sub(r"\s*\n\s*", "", render_to_string("_components/printed_rows.html", values))


def models() -> list[type[Printed]]:
    return [model for model in apps.get_models() if issubclass(model, Printed)]


def test_every_kind_that_can_be_printed_is_written() -> None:
    assert set(TEXTS_BY_MODEL) == set(models())
    assert len(TEXTS_BY_MODEL) == 16


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_no_text_is_taken_for_markup(model: type[Printed]) -> None:
    html = written(Branch(filled(model)))
    assert HOSTILE not in html
    assert "<b>" not in html
    assert escape(HOSTILE) in html


def test_what_is_said_of_some_kinds() -> None:
    assert "<li><strong>前文</strong> 本文 </li>" in written(Branch(Passage(heading="前文", text="本文")))
    assert "<li>本文 </li>" in written(Branch(Passage(text="本文")))
    goal = Goal(code="1-1-1", keyword="移住", text="人が来る。")
    said = '<li><span class="kind">目標</span> <a href="/goals/1-1-1/">移住</a><p>人が来る。</p> </li>'
    assert said in written(Branch(goal))
    new = Initiative(text="道を直す", content="広げる", revision_mark="new")
    assert '<span class="badge badge-strong">新</span> 道を直す<p>広げる</p>' in written(Branch(new))


def test_an_amount_says_what_it_is_and_a_component_its_department() -> None:
    row = filled(Appearance)
    html = written(Branch(row))
    assert "構成事業" in html
    assert '融資枠：<span class="money">1,000千円</span>' in html
    assert f"［{escape(HOSTILE)}］" in html
    row.sakigake_project_id = None
    row.printed_kind = ""
    listed = written(Branch(row))
    assert "関連事業" in listed
    assert "money" not in listed
    assert "［" not in listed


def test_rows_stand_under_their_parents_and_a_heading_once_above_those_that_share_it() -> None:
    area = Branch(Area(code="1", numeral="Ⅰ", name="産業"))
    area.children = [Branch(filled(Appearance)) for _ in range(3)]
    for number, branch in enumerate(area.children):
        branch.row.countermeasure_id, branch.row.fiscal_year = "measure", 2021
        branch.row.printed_department = "企画局" if number < 2 else "学びの局"
    html = written(area, Branch(Pillar(code="1", name="柱", text="文")))
    assert html.startswith('<ul class="printed"><li>')
    assert html.count("<ul>") == 1, "the list of what stands under the area"
    assert html.count("【企画局】") == html.count("【学びの局】") == 1
    assert html.index("産業") < html.index("【企画局】") < html.index("【学びの局】") < html.index("柱</a>")


def test_what_the_editors_noted_stands_behind_the_row_once() -> None:
    for model in (Pillar, Appearance):
        row = filled(model)
        row.editorial_note = "推定"
        assert written(Branch(row)).count("推定") == 1
