"""A crawl finds every printed text on a public page, and what belongs together on one page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from django.test import Client

from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.schema import Folder
from dxportal.public.sitemap import PublicSitemap
from dxportal.tracked_tables import CATALOGUE
from tests.conftest import YAMAGUCHI
from tests.dxportal.public.reading import crawl, read, text_of
from tests.fixtures.printed_source import fold_print, printed_texts, with_revision_mark

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> dict[str, str]:
    """Every public page of the shipped plan, fetched once."""
    with django_db_blocker.unblock():
        return crawl(Client())


@pytest.fixture(scope="module")
def folder() -> Folder:
    return read_folder(YAMAGUCHI)


def test_every_page_of_the_sitemap_is_linked_from_the_site(site: dict[str, str]) -> None:
    assert set(PublicSitemap().items()) <= set(site)
    assert len(PublicSitemap().items()) == 235


def test_every_link_to_a_part_of_a_page_finds_it(site: dict[str, str]) -> None:
    ids = {path: set(read(html).ids) for path, html in site.items()}
    for path, html in site.items():
        for link in read(html).links:
            target, fragment = urldefrag(urljoin(path, link))
            if fragment and target in ids:
                assert fragment in ids[target], f"{path} → {link}"


def test_no_id_stands_twice_on_a_page(site: dict[str, str]) -> None:
    for path, html in site.items():
        ids = read(html).ids
        assert len(ids) == len(set(ids)), path


def test_every_printed_text_is_on_the_page_of_its_source(folder: Folder, site: dict[str, str]) -> None:
    number = {page: d.number for d in folder.documents for page in range(d.page_from, d.page_to + 1)}
    texts = {path: text_of(html) for path, html in site.items()}
    missing = [
        (page, text)
        for page, text in printed_texts(folder)
        if fold_print(text).strip("●") not in texts[f"/sources/{number[page]}/{page}/"]
    ]
    assert missing == []


def test_every_printed_text_is_on_a_page_of_its_subject(folder: Folder, site: dict[str, str]) -> None:
    subjects = "".join(text_of(html) for path, html in site.items() if not path.startswith("/sources/"))
    for document in folder.documents:
        for passage in document.passages:
            assert fold_print(passage.heading) in subjects
            assert fold_print(passage.text) in subjects
    fields = [
        text
        for d in folder.documents
        for rows, names in (
            (d.pillars, ("name", "text")),
            (d.areas, ("numeral", "name")),
            (d.promotion_bodies, ("name", "detail")),
            (d.promotion_links, ("label",)),
            (d.sakigake_projects, ("name", "description")),
            (d.strategy_sections, ("numeral", "name")),
        )
        for row in rows
        for text in (getattr(row, name) for name in names)
    ]
    assert [text for text in fields if fold_print(text) not in subjects] == []


def test_a_goal_page_holds_what_belongs_to_the_goal(folder: Folder, site: dict[str, str]) -> None:
    goals = [g for d in folder.documents for a in d.areas for domain in a.domains for g in domain.goals]
    assert len(goals) == 43
    for goal in goals:
        text = text_of(site[f"/goals/{goal.code}/"])
        for measure in goal.countermeasures:
            assert fold_print(measure.text) in text
            for group in measure.related_projects:
                assert fold_print(group.department) in text
                for row in group.projects:
                    parts = "".join(f"({part.label})" for part in row.parts if part.brackets)
                    mark = "(再掲)" if row.repeat else ""
                    line = mark + parts if row.repeat_before_parts else parts + mark
                    assert fold_print(row.name + line) in text, (goal.code, row.name)
                    for part in (part for part in row.parts if not part.brackets):
                        assert fold_print(part.label) + ("(再掲)" if part.repeat else "") in text
        assert fold_print(goal.keyword) in text
        assert fold_print(goal.text) in text


def test_a_sakigake_page_holds_its_components(folder: Folder, site: dict[str, str]) -> None:
    for sakigake in (s for d in folder.documents for s in d.sakigake_projects):
        text = text_of(site[f"/sakigake/{sakigake.code}/"])
        assert fold_print(sakigake.name) in text
        assert fold_print(sakigake.description) in text
        for row in sakigake.components:
            assert fold_print(row.name) in text
            assert fold_print(row.department) in text
            amount = "記載なし" if row.amount_thousand_yen is None else f"{row.amount_thousand_yen:,}千円"
            assert amount in text
            assert fold_print(row.note) in text
            for part in row.parts:
                assert fold_print(part.label) in text
                assert fold_print(part.detail) in text


def test_the_strategy_page_holds_every_row_with_its_mark(folder: Folder, site: dict[str, str]) -> None:
    text = text_of(site["/strategy/"])
    for section in (s for d in folder.documents for s in d.strategy_sections):
        assert fold_print(section.numeral + section.name) in text
        for heading in section.headings:
            assert fold_print(heading.name + heading.note) in text
            for measure in heading.measures:
                assert fold_print(with_revision_mark(measure.mark, measure.name)) in text
                for row in measure.initiatives:
                    assert fold_print(with_revision_mark(row.mark, row.text) + row.content) in text


def test_pillar_pages_hold_every_item_under_its_group(folder: Folder, site: dict[str, str]) -> None:
    pillars = [pillar for d in folder.documents for pillar in d.pillars]
    assert [len(pillar.items) for pillar in pillars] == [9, 11, 5]
    for pillar in pillars:
        text = text_of(site[f"/pillars/{pillar.code}/"])
        assert fold_print(pillar.text) in text
        for item in pillar.items:
            assert fold_print(item.text) in text
            for below in item.items:
                assert fold_print(below.text) in text
                assert fold_print(f"【{below.group}】") in text


def test_every_editorial_note_is_shown_as_such_where_its_subject_is(site: dict[str, str]) -> None:
    subjects = "".join(text_of(html) for path, html in site.items() if not path.startswith("/sources/"))
    with_notes = 0
    for model in CATALOGUE:
        if "editorial_note" not in {field.name for field in model._meta.fields}:
            continue
        for row in model._default_manager.exclude(editorial_note=""):
            with_notes += 1
            assert fold_print(f"編集注{row.editorial_note}") in subjects, row
    assert with_notes > 30
