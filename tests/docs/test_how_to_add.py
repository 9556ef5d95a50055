"""The recipes of docs/how-to-add.md show code that is there, and are short."""

from __future__ import annotations

import re

import pytest

from tests.docs.documents import FENCE, ROOT, Document

pytestmark = pytest.mark.on_no_database

RECIPES = re.split(r"^## ", Document("docs/how-to-add.md").text, flags=re.MULTILINE)[1:]
EXCERPTS = [excerpt for recipe in RECIPES for excerpt in FENCE.findall(recipe)]
LONGEST = 40  # lines


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.splitlines()[0])
def test_a_recipe_is_short_and_shows_code(recipe: str) -> None:
    assert len(recipe.strip().splitlines()) <= LONGEST
    assert FENCE.search(recipe)


@pytest.mark.parametrize("excerpt", EXCERPTS)
def test_its_code_stands_in_the_file_that_it_names(excerpt: str) -> None:
    first, *lines = map(str.strip, excerpt.splitlines())
    code = [*map(str.strip, (ROOT / first.strip("#<!-> ")).read_text(encoding="utf-8").splitlines())]
    for piece in re.split(r"^…$", "\n".join(lines), flags=re.MULTILINE):
        assert piece.strip() in "\n".join(code)
