"""Every page is valid HTML by the Nu checker, the one that writes the standard's own error messages."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client

from tests.page_paths import list_every_page

HERE = Path(__file__).parent
PACKAGE = "node_modules/vnu-jar"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def checker() -> Path:
    """The checker that package-lock.json names, fetched where it is not there yet."""
    wanted = json.loads((HERE / "package-lock.json").read_text())["packages"][PACKAGE]
    installed = HERE / "node_modules" / ".package-lock.json"
    if not installed.exists() or json.loads(installed.read_text())["packages"].get(PACKAGE, {}) != wanted:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
        assert done.returncode == 0, f"HTML の検査器を取り寄せられません。\n{done.stderr}"
    return HERE / PACKAGE / "build" / "dist" / "vnu.jar"


def messages(checker: Path, pages: dict[str, bytes], folder: Path) -> list[str]:
    """Return the checker's errors and warnings about the pages, one line each."""
    names = {}
    for number, (path, html) in enumerate(pages.items()):
        file = folder / f"{number}.html"
        file.write_bytes(html)
        names[file.name] = path
    done = subprocess.run(["java", "-jar", checker, "--format", "json", folder], capture_output=True, text=True)
    assert done.stderr.startswith("{"), done.stderr
    return [
        f"{names[Path(message['url']).name]} {message.get('lastLine', '')}: {message.get('subType', message['type'])}: "
        f"{message['message']}  {' '.join(message.get('extract', '').split())}"
        for message in json.loads(done.stderr)["messages"]
    ]


def test_every_page_is_valid(client: Client, checker: Path, tmp_path: Path) -> None:
    def get(path: str) -> tuple[int, bytes]:
        response = client.get(path)
        return response.status_code, response.getvalue()

    pages = {path: get(path)[1] for path in list_every_page(get)}
    pages["500.html"] = get_template("500.html").render().encode()
    problems = messages(checker, pages, tmp_path)
    if problems:
        pytest.fail("\n".join([f"{len(problems)} messages of the HTML checker:", *problems]), pytrace=False)


def test_the_checker_tells_an_error_from_a_page_without_one(checker: Path, tmp_path: Path) -> None:
    good = b'<!doctype html><html lang="ja"><head><title>\xe9\xa0\x81</title></head><body><h1>\xe9\xa0\x81</h1></body>'
    problems = messages(checker, {"/good/": good, "/bad/": good.replace(b"<h1>", b"<h1><div></div>")}, tmp_path)
    assert [line.split()[0] for line in problems] == ["/bad/"]
