"""The controls of filters say what Django's own say, to the character, but for line ends."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from dxportal.tables.widgets import CheckboxSelectMultiple, Select, Text, fields

pytestmark = pytest.mark.on_no_database

LABELS = st.text(
    st.characters(exclude_categories=["Zs", "Zl", "Zp", "Cc", "Cs"]) | st.sampled_from("<>&\"'"), max_size=5
)
CHOICES = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=4, unique_by=lambda choice: choice[0])
ATTRIBUTES = st.sampled_from([{"id": "id_x"}, {"id": "id_x", "aria-invalid": "true"}, {"id": "id_x", "disabled": True}])


def same(one: str, other: str) -> bool:
    return re.sub(r"\s+", "", one) == re.sub(r"\s+", "", other)


@given(CHOICES, st.data(), ATTRIBUTES)
def test_one_of_several(choices: list[tuple[str, str]], data: st.DataObject, attrs: dict[str, Any]) -> None:
    value = data.draw(st.sampled_from([None, "", *(code for code, _ in choices)]))
    assert same(
        Select(choices=choices).render("x", value, attrs), forms.Select(choices=choices).render("x", value, attrs)
    )


@given(CHOICES, st.data(), ATTRIBUTES)
def test_some_of_several(choices: list[tuple[str, str]], data: st.DataObject, attrs: dict[str, Any]) -> None:
    value = data.draw(st.none() | st.lists(st.sampled_from([code for code, _ in choices])))
    own, django = CheckboxSelectMultiple(choices=choices), forms.CheckboxSelectMultiple(choices=choices)
    assert same(own.render("x", value, attrs), django.render("x", value, attrs))


@given(st.none() | LABELS, ATTRIBUTES)
def test_a_line_of_text(value: str | None, attrs: dict[str, Any]) -> None:
    own, django = Text({"inputmode": "numeric"}), forms.TextInput({"inputmode": "numeric"})
    assert same(own.render("x", value, attrs), django.render("x", value, attrs))


def test_a_label_is_read_with_a_space_after_its_box() -> None:
    html = CheckboxSelectMultiple(choices=[("edu", "教育庁")]).render("department", ["edu"], {"id": "id_department"})
    assert (
        '<label for="id_department_0">'
        '<input type="checkbox" name="department" value="edu" id="id_department_0" checked> 教育庁</label>'
    ) in html


class Asked(forms.Form):
    q = forms.CharField(label="語<句>", label_suffix="", widget=Text, required=False)
    department = forms.MultipleChoiceField(
        label="部局", label_suffix="", choices=[("a", "企画局")], widget=CheckboxSelectMultiple, required=False
    )


def test_each_control_stands_behind_its_label_and_several_choices_in_a_group() -> None:
    html = fields(Asked({"q": "道"}))
    assert html.startswith('<div><label for="id_q">語&lt;句&gt;</label><input type="text" name="q" value="道"')
    assert "<fieldset><legend>部局</legend><div " in html
    assert html.endswith("</div></fieldset>")
