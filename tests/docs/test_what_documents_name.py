"""Whatever a document names exists: commands with their options, variables, addresses, files, names of the code."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from fnmatch import fnmatch
from importlib import import_module
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import get_commands, load_command_class
from django.test import Client
from django.urls import resolve
from django.utils.translation.trans_real import translation

from dxportal.operations.page_cache.cache_keys import CacheableView
from dxportal.urls import urlpatterns
from tests.docs.documents import DOCUMENTS, ENGLISH, JAPANESE, ROOT, SITE, Document, source, tracked

on_no_database = pytest.mark.on_no_database
document = pytest.mark.parametrize("document", DOCUMENTS, ids=str)
# Names of libraries, databases and formats that decisions speak of and the code does not use.
FOREIGN = {
    *("FilteredRelation", "INSTR", "ModelChoiceFilter", "OrderingFilter", "SO_REUSEPORT", "STRPOS", "icontains"),
    *("localStorage", "lookup_expr", "response_stream", "tsvector"),
}
# Words that somebody might search for.
EXAMPLES = {"ev", "prevention"}


def parser_of(command: str) -> ArgumentParser | None:
    if f"bench/management/commands/{command}.py" in tracked():
        return import_module(f"bench.management.commands.{command}").Command().create_parser("manage.py", command)
    app = get_commands().get(command)
    return load_command_class(app, command).create_parser("manage.py", command) if app else None


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def variables() -> set[str]:
    """The environment variables that something reads."""
    read = re.findall(r"""(?:environ(?:\.\w+)?[\[(]\s*|^)["']?([A-Z][A-Z_]+)(?:["']| \?=)""", source(), re.MULTILINE)
    return {*read, "GROUPS"}


@on_no_database
@document
def test_links_lead_somewhere(document: Document) -> None:
    relative = [link for link in document.links if not link.startswith(("http://", "https://", "#"))]
    folder = (ROOT / document.path).parent
    assert not [link for link in relative if not (folder / link.split("#")[0]).resolve().exists()]
    assert not [link for link in document.links if link.startswith("http") and not link.startswith(SITE)]


@on_no_database
@document
def test_make_has_the_target(document: Document) -> None:
    asked = {target for command in document.commands for target in re.findall(r"\bmake ([a-z][\w-]*)", command)}
    assert asked <= targets()


@on_no_database
@document
def test_commands_have_their_options(document: Document) -> None:
    for line in document.commands:
        for name, rest in re.findall(r"manage\.py (\w+)((?: +[^|&]+)?)", line):
            check_command(name, rest)
        first, _, rest = line.partition(" ")
        if first in get_commands():
            check_command(first, rest)


def check_command(name: str, rest: str) -> None:
    parser = parser_of(name)
    assert parser, f"manage.py {name}"
    options = [word.split("=")[0] for word in shlex.split(rest) if word.startswith("--")]
    assert {*options} <= {*parser._option_string_actions}, f"manage.py {name}{rest}"


@on_no_database
@document
def test_variables_are_read(document: Document) -> None:
    lines = [*document.commands, *document.fences]
    named = {name for line in lines for name in re.findall(r"(?:^|[\s&])([A-Z][A-Z_]+)=", line)}
    assert named <= variables()


PATTERNS = {re.sub(r"<\w+:", "<", f"/{pattern.pattern}") for pattern in urlpatterns}


@pytest.mark.slow
@document
@pytest.mark.django_db
def test_addresses_are_answered(document: Document, client: Client) -> None:
    for address in document.addresses:
        path = urlsplit(address).path
        if "<" in path:
            assert path in PATTERNS, address
        elif path.startswith("/admin/"):
            assert resolve(path).url_name, address  # nothing but the admin's catch-all has none
        else:
            response = client.get(address, follow=True)
            response.getvalue()  # to the end: closing it by hand would close the connection of the test
            assert response.status_code == 200, address
            assert parameters(address) <= known_parameters(path), address


def parameters(address: str) -> set[str]:
    return {*parse_qs(urlsplit(address).query)}


def known_parameters(path: str) -> set[str]:
    """Return the parameters of a page; a file refuses unknown ones itself, so those it may have."""
    view = resolve(path).func
    if isinstance(view, CacheableView):
        return {*view.parameters}
    return {"q", "year", "department", "area", "encoding", "header"}


@on_no_database
@document
def test_files_exist(document: Document) -> None:
    missing = [name for name in document.files if not exists(name)]
    assert not missing


def exists(name: str) -> bool:
    """Whether a file or a folder ends so: documents name files within the room of which they speak."""
    pattern = re.sub(r"<[^>]+>", "*", name)
    if name.endswith("/"):
        return any(f"/{pattern}" in f"/{file}" for file in tracked())
    return any(fnmatch(f"/{file}", f"*/{pattern}") or f"/{pattern}/" in f"/{file}" for file in tracked())


@on_no_database
@document
def test_names_of_the_code_exist(document: Document) -> None:
    words = {*re.findall(r"\w+", source()), *tracked(), *get_commands(), *FOREIGN, *EXAMPLES}
    unknown = {name for name in document.identifiers if name not in words and not {*name.split(".")} <= words}
    assert not unknown


def screen_texts() -> str:
    """Every text that a template, the code or Django itself may put on a screen, each in quotes."""
    translated = dict(translation("ja")._catalog.items())
    return source() + "".join(f'"{text}"' for text in translated.values() if isinstance(text, str))


@on_no_database
def test_labels_of_the_staff_manual_are_on_the_screen() -> None:
    texts = screen_texts()
    labels = re.findall(r"\*\*([^*]+)\*\*", Document("docs/staff.ja.md").text)
    assert len(labels) > 50
    assert not [label for label in labels if not re.search(rf"""["'>]{re.escape(label)}""", texts)]


@on_no_database
@pytest.mark.parametrize("document", ENGLISH, ids=str)
def test_english_documents_hold_no_japanese_sentence(document: Document) -> None:
    assert "。" not in document.prose


@on_no_database
@pytest.mark.parametrize("document", JAPANESE, ids=str)
def test_japanese_documents_hold_no_english_paragraph(document: Document) -> None:
    paragraphs = [text for text in re.split(r"\n\s*\n", document.prose) if len(re.findall(r"[A-Za-z]+", text)) > 3]
    assert paragraphs
    assert not [text for text in paragraphs if not re.search(r"[ぁ-んァ-ヶ]", text)]
