"""Docstrings and comments begin with what they speak of, not with a headless "What …" or "Where …"."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.docs.documents import ROOT, tracked

pytestmark = pytest.mark.on_no_database

HEADLESS = re.compile(r"(?:What|Where|Whoever|Those|That which)\b")
# Read by a person: sentences that begin so and are whole.
WHOLE: set[str] = set()
COMMENTS = {
    ".html": re.compile(r"\{#(.*?)#\}|\{% comment[^%]*%\}(.*?)\{% endcomment %\}|<!--(.*?)-->", re.DOTALL),
    ".css": re.compile(r"/\*(.*?)\*/", re.DOTALL),
    ".js": re.compile(r"/\*(.*?)\*/|((?:^[ \t]*//[^\n]*\n)+)|(?<=[\s;])//([^\n]*)", re.DOTALL | re.MULTILINE),
}
DEFINITIONS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def python_sentences(text: str) -> Iterator[str]:
    """Yield docstrings, and comments; a run of lines that hold nothing but a comment is one."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DEFINITIONS):
            yield ast.get_docstring(node) or ""
    last_line = -1
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        row, column = token.start
        is_whole_line = not token.line[:column].strip()
        if not (is_whole_line and row == last_line + 1):
            yield token.string.lstrip("#! ")
        last_line = row if is_whole_line else -1


def other_sentences(text: str, comment: re.Pattern[str]) -> Iterator[str]:
    for match in comment.finditer(text):
        yield next(group for group in match.groups() if group is not None).lstrip("/*! \t\n")


def headless_sentences(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    ending = name[name.rindex(".") :]
    sentences = python_sentences(text) if ending == ".py" else other_sentences(text, COMMENTS[ending])
    return [sentence.splitlines()[0] for sentence in sentences if HEADLESS.match(sentence)]


def test_no_docstring_or_comment_begins_headless() -> None:
    names = [name for name in tracked() if name.endswith((".py", *COMMENTS))]
    assert {name[name.rindex(".") :] for name in names} == {".py", *COMMENTS}
    found = {name: sentences for name in names if (sentences := {*headless_sentences(name)} - WHOLE)}
    assert not found


@pytest.mark.parametrize(
    ("ending", "text", "count"),
    [
        (".py", '"""What a page shows."""\n', 1),
        (".py", "# Where it is kept,\n# That which is kept\nx = 1  # Those of a page\n", 2),
        (".py", 'x = "What a page shows"  # of a page\n', 0),
        (".html", "{# What a page shows #}{% comment %}Where it is{% endcomment %}<p>What</p>", 2),
        (".css", "/* Those of a page */ p { content: 'What' }", 1),
        (".js", "// What a page shows\n// Where it is\nrun(); // Those\n", 2),
    ],
)
def test_headless_sentences_are_found(ending: str, text: str, count: int) -> None:
    sentences = python_sentences(text) if ending == ".py" else other_sentences(text, COMMENTS[ending])
    assert len([sentence for sentence in sentences if HEADLESS.match(sentence)]) == count
