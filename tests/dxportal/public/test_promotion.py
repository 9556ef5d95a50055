from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import PromotionBody, PromotionLink
from dxportal.public.diagram import Diagram, assign_tracks, spread_labels
from tests.dxportal.public.reading import text_of

pytestmark = pytest.mark.django_db
Page = Callable[[str], str]


def test_the_list_tells_what_the_diagram_draws(page: Page) -> None:
    html = page("/promotion/")
    assert "提案・助言:CIO補佐官→知事(CIO)" in text_of(html)
    svg = html[html.index("<svg viewBox") : html.index("</svg>") + 6]
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own page
    texts = ["".join(element.itertext()) for element in root.iter("text")]
    for body in PromotionBody.objects.all():
        assert body.name in texts
    for number, link in enumerate(PromotionLink.objects.all(), 1):
        assert f"{number} {link.label}" in texts
    assert root.attrib["role"] == "img"
    assert root.find("title") is not None
    assert "style" not in svg


def test_inferred_ends_are_dashed_and_said_so(page: Page) -> None:
    html = page("/promotion/")
    assert html.count('class="link-line inferred"') == 10
    PromotionLink.objects.filter(code="1").update(editorial_note="")
    html = page("/promotion/")
    assert html.count('class="link-line inferred"') == 9
    assert "破線は、端を推定したつながりです" in html


def test_a_link_with_an_unknown_end_is_listed_and_not_drawn(page: Page) -> None:
    PromotionLink.objects.filter(code="1").update(target=None)
    diagram = Diagram.lay_out(PromotionBody.objects.all(), PromotionLink.objects.all())
    assert [arrow.number for arrow in diagram.arrows] == list(range(2, 11))
    assert "提案・助言:CIO補佐官→(終わりは資料から定まりません)" in text_of(page("/promotion/"))


def test_boxes_stand_below_one_another_within_the_picture() -> None:
    diagram = Diagram.lay_out(PromotionBody.objects.all(), PromotionLink.objects.all())
    for above, below in pairwise(diagram.boxes):
        assert above.y + above.height < below.y
    assert diagram.boxes[-1].y + diagram.boxes[-1].height <= diagram.height
    assert all(arrow.x < diagram.labels_x < diagram.width for arrow in diagram.arrows)
    assert all(line.y < box.y + box.height for box in diagram.boxes for line in box.lines)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)).map(sorted), max_size=30))
def test_overlapping_arrows_never_share_a_track(spans: list[list[int]]) -> None:
    tracks = assign_tracks(dict(enumerate(spans)))
    for one, (top, bottom) in enumerate(spans):
        for other, (start, end) in enumerate(spans):
            if one != other and top <= end and start <= bottom:
                assert tracks[one] != tracks[other]


@given(st.lists(st.integers(0, 500), max_size=30))
def test_labels_never_stand_upon_one_another(heights: list[int]) -> None:
    found = sorted(spread_labels([(height, number) for number, height in enumerate(heights)]).values())
    assert all(below - above >= 20 for above, below in pairwise(found))


def test_no_bodies_make_no_diagram() -> None:
    diagram = Diagram.lay_out([], [])
    assert (diagram.boxes, diagram.arrows) == ([], [])
