"""Whatever a site offers is named in a document, and what stands in two places is the same in both."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from dxportal.tables import registry
from dxportal.tables.table import Table
from dxportal.tables.table_filters import FILTERS
from dxportal.urls import urlpatterns
from tests.docs.documents import DOCUMENTS, ROOT, Document
from tests.docs.test_what_documents_name import PATTERNS, targets

pytestmark = pytest.mark.on_no_database

OPERATIONS, DATA = Document("docs/operations.ja.md"), Document("docs/data.ja.md")
TABLES = registry.TABLES
LARGEST_PICTURE = 150_000  # bytes


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(document: Document, heading: str) -> str:
    """A section's text, up to the next heading of any level."""
    match = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", document.text, re.MULTILINE | re.DOTALL)
    assert match, f"{document} has no section “{heading}”"
    return match[1]


def first_cells(text: str) -> list[str]:
    """The code in the first column of a table."""
    return [code for row in re.findall(r"^\| (.*?) \|", text, re.MULTILINE) for code in re.findall(r"`([^`]+)`", row)]


def test_every_management_command() -> None:
    commands = {path.stem for path in (ROOT / "dxportal/management/commands").glob("[!_]*.py")}
    named = {match for line in OPERATIONS.commands for match in re.findall(r"manage\.py (\w+)", line)}
    assert len(commands) > 10
    assert commands - {"administrator"} <= named  # that one is `make administrator`


def test_every_target_of_make() -> None:
    lines = [line for document in DOCUMENTS for line in document.commands]
    named = {name for line in lines for name in re.findall(r"make ([\w-]+)", line)}
    assert targets() - named == {"bench-packages", "clean"}  # a part of `bench`; says what it does


def test_every_variable_of_the_settings() -> None:
    read_there = {*re.findall(r'environ(?:\.get)?[\[(]"([A-Z_]+)"', read("dxportal/settings.py"))}
    elsewhere = {"PLAN"}  # read where it is needed
    assert sorted(first_cells(section(OPERATIONS, "設定"))) == sorted(read_there | elsewhere)


def test_every_public_address() -> None:
    public = {pattern for pattern in PATTERNS if not pattern.startswith("/admin/")}
    assert len(public) > 40
    assert public - {*DATA.spans} == set()
    assert len(urlpatterns) == len(PATTERNS)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_a_file(table: Table) -> None:
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \|$", section(DATA, f"{table.label}（`{table.path}`）"), re.MULTILINE)
    assert rows == [(str(column.label), column.name) for column in table.columns if column.in_files]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_parameter_of_a_table(table: Table) -> None:
    rows = re.findall(r"^\| (`.+?) \| .+? \| (.+?) \|$", section(DATA, "絞り込み"), re.MULTILINE)
    of_table = [names for names, tables in rows if str(table.label) in tables.split("、")]
    named = {name for names in of_table for name in re.findall(r"`(\w+)`", names)}
    assert named == {*FILTERS[table].base_filters, *(("page",) if table.has_page else ())}


def test_the_version_has_its_entry() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    headings = re.findall(r"^## (\S+?)(?:（未公開）)?$", read("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == version.partition(".dev")[0]
    assert all(new > old for new, old in pairwise([*map(numbers, headings)]))
    assert ("dev" in version) == (f"## {headings[0]}（未公開）" in read("CHANGELOG.md"))


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_pictures_are_small_and_all_shown() -> None:
    there = {path.name: path.stat().st_size for path in (ROOT / "docs/pictures").iterdir()}
    shown = {Path(link).name for link in Document("README.md").links if "pictures/" in link}
    assert shown == {*there}
    assert shown == {Path(link).name for link in Document("README.ja.md").links if "pictures/" in link}
    assert not [name for name, size in there.items() if size > LARGEST_PICTURE]


def test_the_commands_come_first_in_the_readme() -> None:
    assert read("README.md").startswith("# dxportal\n\n```console\n$ make run ")
    assert Document("README.md").fences[0].splitlines()[1].startswith("$ make test ")


def test_the_workflow_runs_what_ci_runs() -> None:
    ours = re.findall(r"^(?:CI=true )?(make .+)$", read(".ci/run"), re.MULTILINE)
    assert ours
    assert re.findall(r"- run: (.+)$", read(".github/workflows/ci.yml"), re.MULTILINE) == ours


def test_commits_are_checked_as_make_check_does() -> None:
    check = re.search(r"^check:.*?\n\n", read("Makefile"), re.MULTILINE | re.DOTALL)
    assert check
    hooks = re.findall(r"entry: \.venv/bin/([\w-]+(?: check| format --check)?)", read(".pre-commit-config.yaml"))
    tools = re.findall(r"\$\(BIN\)/((?!python)[\w-]+(?: check| format --check)?)", check[0])
    assert sorted(hooks) == sorted(tools)
