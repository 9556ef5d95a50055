"""The small pieces of pages: what they say, and that no text in them is taken for markup."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.template import engines
from django.template.loader import render_to_string

from budgets.totals import Total
from dxportal.public.templatetags.components import (
    amount,
    badge,
    bar,
    citation,
    editorial_note,
    figure,
    pages,
    sakigake_number,
    with_revision_mark,
)

pytestmark = pytest.mark.on_no_database

DOCUMENT = SimpleNamespace(number=2, label="資料<２>")


def test_a_reduction_has_a_triangle_that_is_read_as_minus() -> None:
    triangle = '<span role="img" aria-label="マイナス">△</span>'
    assert amount(-3000) == f'<span class="money">{triangle}3,000千円</span>'
    assert f"{triangle}300万円<br><small>{triangle}3,000千円</small>" in amount(-3000, "words")


def test_an_amount_that_is_not_stated_is_not_zero() -> None:
    assert amount(0) == '<span class="money">0円</span>'
    assert amount(None) == amount(None, "words") == '<span class="money money-none">記載なし</span>'
    assert amount(45_586, "words") == '<span class="money">4,558万6千円<br><small>45,586千円</small></span>'
    assert amount(45_586, "") == amount(45_586)


def test_a_sum_of_nothing_is_not_zero() -> None:
    assert figure(3, 0) == amount(0)
    assert figure(0, 0) == figure(0, 0, "words") == amount(None)


def test_marks() -> None:
    assert badge("<再掲>") == '<span class="badge">&lt;再掲&gt;</span>'
    assert badge("新", "strong") == '<span class="badge badge-strong">新</span>'
    assert sakigake_number(4) == '<span class="sakigake-number">4</span>'


def test_the_marks_of_the_revision_stand_as_printed() -> None:
    assert with_revision_mark("道<", "") == "道&lt;"
    assert with_revision_mark("道", "new") == f"{badge('新', 'strong')} 道"
    assert with_revision_mark("道", "revised") == f"道 {badge('（修正）', 'strong')}"


def test_a_bar_stands_before_the_whole_where_that_is_drawn() -> None:
    assert '<rect width="48.2" height="12"/></svg>' in bar("48.2")
    assert "bar-whole" not in bar(0)
    assert '<rect class="bar-whole" width="100" height="12"/><rect width="48.2" height="12"/>' in bar("48.2", "whole")


def test_a_note_of_the_editors_is_called_that_and_no_note_is_nothing() -> None:
    assert editorial_note("推<定>") == '<p class="editorial-note"><strong>編集注</strong> 推&lt;定&gt;</p>'
    assert editorial_note("") == editorial_note(None) == ""


def test_a_citation_names_document_and_pages_and_leads_there() -> None:
    row = SimpleNamespace(document=DOCUMENT, page=5, page_to=6)
    assert pages(row) == "5〜6ページ"
    assert citation(row) == ('<cite class="citation"><a href="/sources/2/5/">資料&lt;２&gt; 5〜6ページ</a></cite>')
    assert pages(SimpleNamespace(page=5, page_to=None)) == pages(SimpleNamespace(page=5)) == "5ページ"


def test_what_is_not_printed_cites_nothing() -> None:
    assert citation(SimpleNamespace(document=None)) == '<span class="citation">資料に記載はありません</span>'


def test_templates_do_not_escape_them_a_second_time() -> None:
    template = engines["django"].from_string("{{ 1|amount }}{% figure 1 1 'words' %}{{ text|badge }}")
    assert template.render({"text": "<"}) == f"{amount(1)}{amount(1, 'words')}{badge('<')}"


def test_boxes_stand_inside_each_other_and_name_the_pages_that_are_others() -> None:
    inner = branch("あ<", page=6)
    outer = branch("い", inner, heading="見出し<", page=5)
    assert written("boxes", passage=branch("文章", outer, page=5)) == (
        '<ul><li id="passage-い"><strong>見出し&lt;</strong> い'
        f'<ul><li id="passage-あ&lt;">あ&lt; {citation(inner.row)}</li></ul></li></ul>'
    )
    assert written("boxes", passage=branch("文章")) == ""


def branch(text: str, *children: SimpleNamespace, heading: str = "", page: int = 5) -> SimpleNamespace:
    row = SimpleNamespace(code=text, heading=heading, text=text, document=DOCUMENT, page=page, editorial_note="")
    return SimpleNamespace(row=row, children=children)


def written(component: str, **values: object) -> str:
    """A component that is a template, without the line ends between its elements."""
    return re.sub(r"\s*\n\s*", "", render_to_string(f"_components/{component}.html", values))


def test_of_several_links_one_is_where_the_reader_is() -> None:
    here = SimpleNamespace(label="千円<", href="/a/", is_current=True)
    other = SimpleNamespace(label="万円", href='/b/?x=1&y="', is_current=False)
    html = written("switch", choices=[here, other])
    assert html == (
        '<ul class="switch control"><li><span aria-current="true">千円&lt;</span></li>'
        '<li><a href="/b/?x=1&amp;y=&quot;" rel="nofollow">万円</a></li></ul>'
    )


def test_the_cells_of_a_total_say_what_they_are_and_nothing_is_not_zero() -> None:
    total = Total(1_234, 0, 1_001, 0, 2_002)
    html = written("total_cells", total=total)
    assert re.findall(r'data-label="([^"]+)">(.*?)</td>', html) == [
        ("予算額", amount(1_234)),
        ("融資枠", "－"),
        ("額の記載あり（件）", "1,001"),
        ("額の記載なし（件）", "2,002"),
    ]
    assert amount(None) in written("total_cells", total=Total(0, 0, 0, 0, 3))
    assert amount(500, "words") in written("total_cells", total=Total(0, 500, 0, 1, 0), unit="words")
