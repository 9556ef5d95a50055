from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from dxportal.public.charts import MAX_BAR_LENGTH, WIDTH, Bar, BarChart, estimate_width, wrap_label

Page = Callable[[str], str]

amounts = st.none() | st.integers(0, 10**12)
labels = st.text(st.characters(exclude_categories=("C", "Z", "M")), min_size=1, max_size=40)
bars = st.lists(st.builds(Bar, labels, amounts, st.just("額"), st.just(""), amounts), max_size=12)


def chart_of(*bars: Bar) -> BarChart:
    return BarChart.from_bars("題", "説明。", bars, "one")


def drawn(chart: BarChart) -> ElementTree.Element:
    html = render_to_string("_components/bar_chart.html", {"chart": chart})
    return ElementTree.fromstring(html)  # noqa: S314  # our own component


@given(bars)
def test_lengths_are_proportional_to_amounts_and_stay_within_the_frame(bars: list[Bar]) -> None:
    chart = chart_of(*bars)
    drawn = [(bar.amount, row.width) for bar, row in zip(bars, chart.rows, strict=True)]
    drawn += [(bar.whole, row.whole) for bar, row in zip(bars, chart.rows, strict=True)]
    largest = max((amount for amount, _ in drawn if amount is not None), default=0)
    for amount, width in drawn:
        if amount is None or width is None:
            assert amount is width is None
        else:
            assert width * largest == pytest.approx(MAX_BAR_LENGTH * amount)
            assert 0 <= width <= MAX_BAR_LENGTH


@given(bars)
def test_what_states_nothing_has_no_bar_and_says_so(bars: list[Bar]) -> None:
    chart = chart_of(*bars)
    root = drawn(chart)
    for bar, row in zip(bars, chart.rows, strict=True):
        assert (bar.amount is None) == ([line.text for line in row.texts] == ["記載なし"])
    seen = [row for row in chart.rows if row.width]
    assert len(root.findall("rect[@class='bar-amount']")) == sum(not row.is_ticked for row in seen)
    assert len(root.findall("path[@class='bar-tick']")) == sum(row.is_ticked for row in chart.rows)
    assert all(rect.attrib["width"] != "0.00" for rect in root.findall("rect[@class='bar-amount']"))


@given(bars)
def test_rows_stand_below_one_another_within_the_picture(bars: list[Bar]) -> None:
    root = drawn(chart_of(*bars))
    height = float(root.attrib["viewBox"].split()[3])
    tops = [float(rect.attrib["y"]) for rect in root.findall("rect")]
    assert tops == sorted(tops)
    for rect in root.findall("rect"):
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= WIDTH
        assert float(rect.attrib["y"]) + float(rect.attrib["height"]) <= height
    baselines = sorted({float(text.attrib["y"]) for text in root.iter("text")})
    assert all(below - above >= 19 for above, below in pairwise(baselines))
    assert all(y + 4 <= height for y in baselines)


@given(labels)
def test_a_label_is_cut_into_lines_that_fit_and_nothing_is_lost(label: str) -> None:
    assert "".join(wrap_label(label)) == label
    assert all(estimate_width(line) * 14 <= MAX_BAR_LENGTH for line in wrap_label(label))


def test_forty_full_width_characters_take_two_lines_and_no_closing_mark_begins_the_second() -> None:
    assert [len(line) for line in wrap_label("あ" * 40)] == [23, 17]
    assert [len(line) for line in wrap_label("あ" * 23 + "」" + "い" * 16)] == [24, 16]


def test_a_figure_stands_on_the_line_of_its_label_if_both_fit() -> None:
    short, long = chart_of(Bar("教育庁", 1, "1,779,412千円"), Bar("あ" * 20, 1, "1,779,412千円")).rows
    assert short.texts[0].y == short.labels[0].y
    assert long.texts[0].y == long.labels[0].y + 19
    assert short.y > short.texts[0].y
    assert long.y > long.texts[0].y


def test_zero_is_a_tick_and_nothing_stated_is_nothing() -> None:
    root = drawn(chart_of(Bar("零", 0, "0円"), Bar("無", None, "0円"), Bar("有", 5, "5千円")))
    assert [text.text for text in root.iter("text")] == ["零", "0円", "無", "記載なし", "有", "5千円"]
    assert [path.attrib["d"] for path in root.findall("path")] == ["M1 24v12"]
    assert [rect.attrib["width"] for rect in root.findall("rect")] == ["338.00"]


def test_an_amount_too_small_to_be_seen_is_a_tick_too() -> None:
    small, large = chart_of(Bar("小", 1, "1千円"), Bar("大", 1_000_000, "1,000,000千円")).rows
    assert (small.is_ticked, large.is_ticked) == (True, False)


def test_a_part_stands_before_the_outline_of_its_whole() -> None:
    root = drawn(chart_of(Bar("部局", 1, "4千円のうち1千円", "", 4)))
    whole, part = root.findall("rect")
    assert (whole.attrib["class"], whole.attrib["fill"], whole.attrib["width"]) == ("bar-whole", "none", "338.00")
    assert (part.attrib["class"], part.attrib["width"]) == ("bar-amount", "84.50")
    assert whole.attrib["y"] == part.attrib["y"]


@pytest.mark.parametrize(
    ("bars", "words"),
    [
        ([], "示すものはありません。"),
        ([Bar("甲", None, "")], "1件のどれにも額の記載がありません。"),
        ([Bar("甲", 2, "2千円"), Bar("乙", 1, "1千円")], "2件のうち、甲 2千円がいちばん大きな額です。"),
        ([Bar("甲", 2, "2千円"), Bar("乙", 2, "2千円")], "2件のうち、甲ほか1件の2千円がいちばん大きな額です。"),
        (
            [Bar("甲", 0, "0円"), Bar("乙", 2, "2千円"), Bar("丙", None, "")],
            "3件のうち、乙 2千円がいちばん大きく、額の記載がないものが1件あります。",
        ),
    ],
)
def test_the_description_says_what_is_drawn(bars: list[Bar], words: str) -> None:
    root = drawn(chart_of(*bars))
    assert root.findtext("desc") == f"説明。{words}"
    assert root.findtext("title") == "題"
    assert root.attrib["aria-labelledby"] == "one-title one-description"
    assert [root.find(name).attrib["id"] for name in ("title", "desc")] == ["one-title", "one-description"]


def test_a_chart_with_links_is_no_picture_for_screen_readers() -> None:
    linked = drawn(chart_of(Bar("甲", 1, "1千円", "/projects/")))
    assert linked.attrib["role"] == "group"
    assert linked.find("a").attrib["href"] == "/projects/"
    assert linked.findtext("a/text") == "甲"
    assert drawn(chart_of(Bar("甲", 1, "1千円"))).attrib["role"] == "img"


def test_labels_are_escaped() -> None:
    assert drawn(chart_of(Bar("<b>&", 1, "1千円"))).findtext("text") == "<b>&"


@pytest.mark.django_db
def test_the_gallery_shows_two_charts_with_ids_of_their_own_and_no_inline_style(page: Page) -> None:
    html = page("/components/")
    assert html.count('class="bar-chart"') == 2
    assert html.count('id="sample-chart-title"') == html.count('id="sample-chart-of-parts-title"') == 1
    assert "style=" not in html
