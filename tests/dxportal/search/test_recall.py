"""Any part of any published text is found, however it is written, and nothing else is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.normalize import fold
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import load_folder
from dxportal.search.models import SearchDocument
from dxportal.search.queries import MAX_QUERY_LENGTH, Query
from tests.conftest import YAMAGUCHI
from tests.dxportal.search.full_scan import scan, search_index
from tests.dxportal.search.texts import published, varied
from tests.examples import examples

pytestmark = pytest.mark.django_db
SEED = 20211122
TEXTS = published(read_folder(YAMAGUCHI))


def parts(count: int, seed: int) -> list[str]:
    """Random parts of published texts, those of one and two characters as often as long ones."""
    chance = random.Random(seed)  # noqa: S311  # to be the same every time
    found = []
    while len(found) < count:
        text = chance.choice(TEXTS)
        start = chance.randrange(len(text))
        part = text[start : start + chance.choice([1, 2, 2, 3, 5, 10, 30])]
        if fold(part).text:
            found.append(part)
    return found


def finds(query: str, part: str) -> bool:
    """Whether something is found in which the part stands."""
    return any(fold(part).text in document.folded for document in search_index(Query.parse(query)))


def test_the_texts_are_those_of_the_whole_plan() -> None:
    assert len(TEXTS) > 1000
    assert "橋りょう補修費（公共事業）" in TEXTS
    assert "教育委員会" in TEXTS
    assert any(text.startswith("部局の順（建制順）は資料に示されていない") for text in TEXTS)


def test_500_parts_written_in_other_ways_are_found() -> None:
    chance = random.Random(SEED)  # noqa: S311  # to be the same every time
    queries = [(varied(part, chance)[:MAX_QUERY_LENGTH], part) for part in parts(500, SEED)]
    assert sum(query != part for query, part in queries) > 300
    assert [(query, part) for query, part in queries if not finds(query, part)] == []


def test_parts_with_what_could_be_an_operator_are_found_too() -> None:
    texts = [text for text in TEXTS if any(sign in text for sign in '-－−"“”')]
    assert texts
    for text in texts:
        for place, sign in enumerate(text):
            if sign in '-－−"“”':
                part = text[place : place + 20]
                assert finds(part, part), part


def test_every_single_character_is_found() -> None:
    characters = {character for text in TEXTS for character in text if fold(character).text}
    stored = "".join(SearchDocument.objects.values_list("folded", flat=True))
    assert len(characters) > 900
    assert [character for character in characters if fold(character).text not in stored] == []


WRITTEN = "ＤＸdx農業林スマートすま子育て相談-－ー〜\"“” 　%_\\'*:()[]{}^$.?+|&;é𠮷🐟か゛\u200b"
SIGNS = st.text(st.sampled_from(WRITTEN), max_size=14)


@examples(150)
@given(st.one_of(SIGNS, st.text(max_size=8), st.sampled_from(TEXTS).map(lambda text: text[:12])), SIGNS)
def test_results_are_those_of_a_scan(first: str, second: str) -> None:
    query = Query.parse(f"{first} {second}".replace("\0", "")[:MAX_QUERY_LENGTH])
    if query.whole:
        assert search_index(query) == scan(query, SearchDocument.objects.all())


@pytest.mark.parametrize(
    ("query", "count"),
    [
        *[(sign, 0) for sign in ("%", "_", "\\", "d_", "%dx", "農業 -農業")],
        *[(asked, None) for asked in ("農業 -ないことば", '"スマート 農業"')],
    ],
)
def test_signs_of_an_engine_mean_themselves(query: str, count: int | None) -> None:
    asked = Query.parse(query)
    hits = search_index(asked)
    assert hits == scan(asked, SearchDocument.objects.all())
    assert len(hits) == count or (count is None and hits)


def test_wildcards_that_are_published_are_found(db: None) -> None:
    folder = read_folder(YAMAGUCHI)
    folder.documents[0].passages[0].text = "達成率は50%_です\\。"
    load_folder(folder, replace=True)
    for query in ("%", "_", "\\", "%_", "0%_で", "です\\"):
        assert ["達成率は50%_です\\。" in document.text for document in search_index(Query.parse(query))] == [True], (
            query
        )
