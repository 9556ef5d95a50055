"""Decisions are dated, short and listed, have no measured figures, and name modules that exist."""

from __future__ import annotations

import re

import pytest

from tests.docs.documents import DOCUMENTS, Document, tracked

pytestmark = pytest.mark.on_no_database

DECISIONS = tuple(document for document in DOCUMENTS if re.fullmatch(r"docs/adr/\d{4}-.+\.md", document.path))
LIST = Document("docs/adr/README.md")
LONGEST, WIDEST = 50, 120  # lines and columns: one screen
HEAD = re.compile(
    r"# (?P<number>\d+)\. (?P<title>.+)\n\n"
    r"Date: 20\d\d-\d\d-\d\d\. Status: (?:accepted|superseded by \d+)\."
    r"(?: Supersedes (?P<earlier>\d+(?:(?:, | and )\d+)*)\.)?\n"
)
PARTS = ["Question", "Choice", "Why", "Alternatives"]
MEASURED = re.compile(r"\d ?(?:ms|µs|s|MB|GB|%)(?!\w)")
decision = pytest.mark.parametrize("decision", DECISIONS, ids=str)


def head_of(decision: Document) -> re.Match[str]:
    match = HEAD.match(decision.text)
    assert match, f"{decision} does not begin with its number, date and status"
    return match


@decision
def test_has_number_date_and_status(decision: Document) -> None:
    assert int(head_of(decision)["number"]) == int(decision.path.removeprefix("docs/adr/")[:4])


@decision
def test_fits_one_screen(decision: Document) -> None:
    lines = decision.text.splitlines()
    assert len(lines) <= LONGEST
    assert not [line for line in lines if len(line) > WIDEST]


@decision
def test_says_question_choice_why_and_alternatives(decision: Document) -> None:
    assert [name for name in re.findall(r"^\*\*(\w+)\.\*\*", decision.text, re.MULTILINE) if name in PARTS] == PARTS


@decision
def test_leaves_measured_figures_to_the_benchmarks(decision: Document) -> None:
    assert not MEASURED.findall(decision.prose)


@decision
def test_each_module_is_one_file(decision: Document) -> None:
    modules = {name for name in decision.files if name.endswith(".py")}
    found = {name: files_called(name) for name in modules}
    assert not {name: files for name, files in found.items() if len(files) != 1}


def files_called(name: str) -> list[str]:
    """Return the files with a path that ends so; those of the tests, which mirror the source tree, only if named so."""
    of_tests = name.startswith("tests/")
    files = [file for file in tracked() if file.startswith("tests/") == of_tests]
    return [file for file in files if f"/{file}".endswith(f"/{name}")]


def test_all_are_listed() -> None:
    """Each number once, with the title and file of its decision, or with the decision that supersedes it."""
    listed = re.findall(r"^(\d+)\. (.+)$", LIST.text, re.MULTILINE)
    assert [int(number) for number, _ in listed] == [*range(1, len(listed) + 1)]
    heads = {decision: head_of(decision) for decision in DECISIONS}
    expected = {
        head["number"]: f"[{head['title']}]({decision.path.removeprefix('docs/adr/')})"
        for decision, head in heads.items()
    }
    assert {number: entry for number, entry in listed if entry.startswith("[")} == expected
    superseded = {number: entry for number, entry in listed if not entry.startswith("[")}
    successors = {
        earlier: (head["number"], decision.path.removeprefix("docs/adr/"))
        for decision, head in heads.items()
        for earlier in re.findall(r"\d+", head["earlier"] or "")
    }
    assert superseded.keys() == successors.keys()
    for number, entry in superseded.items():
        assert entry.endswith(": superseded by [{}]({})".format(*successors[number]))


def test_the_architecture_fits_two_screens() -> None:
    lines = Document("docs/architecture.md").text.splitlines()
    assert len(lines) <= 2 * LONGEST
    assert not [line for line in lines if len(line) > WIDEST]
