"""Interface strings go through gettext, so that another language is data: no bare Japanese in a public template."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from tests.conftest import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
# Marks and brackets are those of the print; the error pages are shown when nothing else works; samples are invented.
EXEMPT = {"400.html", "403.html", "500.html", "503.html", "error.html", "samples/card.html", "samples/table.html"}


def bare_text(template: str) -> str:
    """Return the text of a template without comments, tags, variables and translated blocks."""
    template = re.sub(r"{#.*?#}", "", template, flags=re.S)
    template = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", template, flags=re.S)
    return re.sub(r"{%.*?%}|{{.*?}}", "", template, flags=re.S)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_holds_bare_japanese(path: Path) -> None:
    if any(str(path).endswith(name) for name in EXEMPT):
        return
    found = [line.strip() for line in bare_text(path.read_text(encoding="utf-8")).split("\n") if JAPANESE.search(line)]
    assert found == []


@pytest.mark.slow
@pytest.mark.django_db
def test_another_language_needs_no_change_of_code(client: Client) -> None:
    class Upside(translation.trans_real.DjangoTranslation):
        def gettext(self, message: str) -> str:
            return "TRANSLATED" if JAPANESE.search(message) else super().gettext(message)

    with translation.override("en"):
        original = translation.trans_real._active.value
        translation.trans_real._active.value = Upside("en")
        try:
            html = client.get("/goals/1-1-1/").content.decode()
        finally:
            translation.trans_real._active.value = original
    assert "TRANSLATED" in html
    assert "対応策</h2>" not in html
    assert "ものづくり企業におけるＤＸ加速支援事業" in html


@pytest.mark.django_db
def test_the_first_view_is_light(client: Client) -> None:
    """Page, styles and icon of the home page together are at most 80 KB compressed."""
    page = client.get("/").content
    files = [*(ROOT / "static" / "css").iterdir(), ROOT / "static" / "icon.svg"]
    total = len(gzip.compress(page)) + sum(len(gzip.compress(file.read_bytes())) for file in files)
    assert total <= 80 * 1024
    assert b"<script" not in page
