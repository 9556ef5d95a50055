"""Texts of several lines are lines and paragraphs on every public page, and never markup."""

from __future__ import annotations

import re

import pytest
from django.db import models
from django.test import Client

from dxportal.public.sitemap import PublicSitemap
from dxportal.public.templatetags.components import line_breaks, paragraphs
from dxportal.tracked_tables import CATALOGUE
from tests.plans import minamihoshi, use_plans

LINES = "一行目<i>\n二行目\n\n次の段落"


def with_texts_of_several_lines() -> None:
    minamihoshi()
    for model in CATALOGUE:
        fields = [field.name for field in model._meta.fields if type(field) is models.TextField]
        if fields:
            model._default_manager.update(**dict.fromkeys(fields, LINES))


@pytest.mark.django_db
@use_plans(with_texts_of_several_lines)
def test_no_line_of_a_text_runs_into_the_next(catalogue: object, client: Client) -> None:
    seen: set[str] = set()
    run_together: dict[str, str] = {}
    for path in PublicSitemap().items():
        html = client.get(path).content.decode()
        body = html[html.index("<body") :]
        assert "<i>" not in body, path
        for ending in re.findall(r"(?:一行目&lt;i&gt;|二行目)\s*(.{4})", body, re.DOTALL):
            seen.add(path)
            if ending not in ("<br>", "</p>"):
                run_together[path] = ending
    assert run_together == {}
    assert len(seen) > 20


@pytest.mark.on_no_database
def test_blank_lines_part_paragraphs() -> None:
    assert paragraphs(LINES) == "<p>一行目&lt;i&gt;<br>二行目</p>\n<p>次の段落</p>"
    assert paragraphs("一行\r\n \r\n\r\n次\r\n") == "<p>一行</p>\n<p>次</p>"
    assert paragraphs("<一行>") == "<p>&lt;一行&gt;</p>"
    assert line_breaks(LINES) == "一行目&lt;i&gt;<br>二行目<br><br>次の段落"
