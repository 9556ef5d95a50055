"""HTML is written by templates, and by the one module that holds components as functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.on_no_database

COMPONENTS = ROOT / "dxportal" / "public" / "templatetags" / "components.py"
MODULES = sorted(path for app in ("catalog", "projects", "budgets", "dxportal") for path in (ROOT / app).rglob("*.py"))
ELEMENTS = (
    "a|br|button|caption|cite|code|dd|del|details|div|dl|dt|em|fieldset|form|h[1-6]|input|ins|label|legend|li|main|mark|nav"
    "|ol|option|p|path|rect|section|select|small|span|strong|summary|svg|table|tbody|td|text|tfoot|th|thead|time|tr|ul"
)
TAG = re.compile(rf"</?({ELEMENTS})[\s/>]")


def tags(source: str) -> Iterator[str]:
    """The texts of a module that hold a tag, but for those that stand alone, as docstrings do."""
    tree = ast.parse(source)
    alone = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in alone and TAG.search(str(node.value)):
            yield f"line {node.lineno}: {node.value}"


def test_no_other_module_holds_tags() -> None:
    found = {path: list(tags(path.read_text(encoding="utf-8"))) for path in MODULES if path != COMPONENTS}
    assert len(found) > 200
    assert {path: told for path, told in found.items() if told} == {}


def test_a_tag_is_seen_wherever_a_text_holds_it() -> None:
    assert list(tags(COMPONENTS.read_text(encoding="utf-8")))
    for source in ("x = '<b>' + '<p class=\"x\">'", "f'<li>{x}</li>'.join(y)", "f(f'{x}</td>')", "return_ = ['<br>']"):
        assert list(tags(source)), source
    for source in ("'''Put it into a <p>.'''", "path('<uuid:set>/')", "x = '1 < 2'", "re.compile(r'<main\\b')"):
        assert not list(tags(source)), source
