"""How appearances are written: every mark at its printed place, and no text taken for markup."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

from dxportal.public.templatetags.components import appears_in
from dxportal.public.tree import Branch

pytestmark = pytest.mark.on_no_database

REPEAT = ' <span class="badge">再掲</span>'


def part(label: str, *, brackets: str = "", is_repeat: bool = False, detail: str = "") -> Any:
    return SimpleNamespace(label=label, brackets=brackets, is_repeat=is_repeat, detail=detail)


def appearance(*parts: Any, **values: Any) -> Any:
    usual = {
        "printed_name": "道<づくり>",
        "is_repeat": False,
        "repeat_before_parts": False,
        "note": "",
        "editorial_note": "",
    }
    return SimpleNamespace(
        **usual | values,
        document=SimpleNamespace(repeat_mark="再掲"),
        project=SimpleNamespace(get_absolute_url=lambda: "/projects/road/"),
        named_in_brackets=[one for one in parts if one.brackets],
        named_below=[one for one in parts if not one.brackets],
    )


def written(component: str, appearance: Any, **others: Any) -> str:
    """A component without the line ends that stand around it, and between its elements."""
    html = render_to_string(f"_components/{component}.html", {"appearance": appearance} | others)
    return re.sub(r"\s*\n\s*", "", html)


def printed_name(appearance: Any, **others: Any) -> str:
    return written("printed_name", appearance, **others)


NAME = '<a href="/projects/road/">道&lt;づくり&gt;</a>'


def test_a_name_leads_to_its_project_but_on_the_page_of_that() -> None:
    assert printed_name(appearance()) == NAME
    own = appearance(printed_department="土木<課>")
    assert printed_name(own, is_own_page=True) == "道&lt;づくり&gt;［土木&lt;課&gt;］"


def test_the_mark_of_a_repeat_stands_where_it_is_printed() -> None:
    in_brackets = part("橋", brackets="（）")
    assert printed_name(appearance(in_brackets)) == f"{NAME}（橋）"
    assert printed_name(appearance(in_brackets, is_repeat=True)) == f"{NAME}（橋）{REPEAT}"
    assert printed_name(appearance(in_brackets, is_repeat=True, repeat_before_parts=True)) == f"{NAME}{REPEAT}（橋）"
    assert printed_name(appearance(part("橋", brackets="＜＞", is_repeat=True))) == f"{NAME}＜橋＞{REPEAT}"


def test_parts_and_notes_stand_below_the_name() -> None:
    parts = (part("橋<1>", is_repeat=True, detail="東"), part("坂"))
    assert written("printed_below", appearance(*parts, note="備<考>", editorial_note="注")) == (
        f'<ul><li>橋&lt;1&gt;{REPEAT} <span class="quiet">東</span></li><li>坂</li></ul>'
        '<p>備&lt;考&gt;</p><p class="editorial-note"><strong>編集注</strong> 注</p>'
    )
    assert written("printed_below", appearance()) == ""


class Sakigake(SimpleNamespace):
    def __str__(self) -> str:
        return "4 <道>"


def test_a_place_is_named_by_what_stands_above_it() -> None:
    goal = SimpleNamespace(keyword="橋", domain=SimpleNamespace(name="土木"))
    listing: Any = SimpleNamespace(countermeasure=SimpleNamespace(goal=goal, get_absolute_url=lambda: "/goals/1/#c"))
    assert appears_in(listing) == '<a href="/goals/1/#c">土木／橋</a>'
    sakigake = Sakigake(plan=SimpleNamespace(sakigake_label="魁"), get_absolute_url=lambda: "/sakigake/4/")
    component: Any = SimpleNamespace(countermeasure=None, sakigake_project=sakigake)
    assert appears_in(component) == '<a href="/sakigake/4/">魁 4 &lt;道&gt;</a>'


def test_what_is_printed_once_above_rows_begins_with_its_words() -> None:
    listing = SimpleNamespace(countermeasure_id=1, printed_department="総務部", fiscal_year=2021)
    assert Branch(listing).heading == ("総務部", 1, 2021)
    assert Branch(SimpleNamespace(countermeasure_id=None, group="")).heading == ()
    assert Branch(SimpleNamespace(group="人")).heading == ("人",)
    assert Branch(SimpleNamespace()).heading == ()
