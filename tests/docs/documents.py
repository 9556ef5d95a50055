"""The documents of the repository, and what they name: links, commands, addresses, files, identifiers."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
# Written by a program, and read by it.
WRITTEN = {"docs/benchmarks.md", "bench/before.md", "bench/preface.md"}
# Folders of other machines, and of a site that runs.
ELSEWHERE = ("/usr/", "/tmp/", "/backup/", "/etc/", "/srv/", "/finished/", "/absolute/", "var/", ".venv/")  # noqa: S108  # in documents
SITE = "http://127.0.0.1:8000"
FENCE = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w.<>*-]+(/[\w.<>*-]*)+|[\w<>-]+\.(py|md|html|css|js|ya?ml|toml|txt|conf|png)")
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\(\))?")


@cache
def tracked() -> tuple[str, ...]:
    """The files that are committed, or about to be, by their path in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return tuple(name for name in listed if name and (ROOT / name).is_file())


@cache
def source() -> str:
    """The text of everything that is no document and no test of documents."""
    endings = (".py", ".html", ".css", ".js", ".toml", ".yaml", ".yml", ".conf", "Makefile", "system-packages")
    names = [name for name in tracked() if name.endswith(endings) and not name.startswith(("tests/docs/", "fixtures/"))]
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


@dataclass(frozen=True)
class Document:
    path: str

    def __str__(self) -> str:
        return self.path

    @property
    def text(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @property
    def fences(self) -> list[str]:
        """The blocks of code."""
        return FENCE.findall(self.text)

    @property
    def spans(self) -> list[str]:
        """Code within sentences."""
        return SPAN.findall(FENCE.sub("", self.text))

    @property
    def prose(self) -> str:
        """The text without code and without addresses of links."""
        return re.sub(r"\]\([^)]*\)", "]", SPAN.sub("", FENCE.sub("", self.text)))

    @property
    def links(self) -> list[str]:
        return re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", self.text))

    @property
    def commands(self) -> list[str]:
        """Lines of consoles without their comments, and code within sentences."""
        lines = [re.split(r"\s+#", line)[0] for fence in self.fences for line in fence.splitlines()]
        return [*(line.removeprefix("$ ").strip() for line in lines), *self.spans]

    @property
    def addresses(self) -> list[str]:
        """Addresses of the site, from its root."""
        urls = re.findall(rf"{SITE}(/[^\s'\")）]*)", "\n".join([*self.fences, *self.links, *self.spans]))
        return [*urls, *(span for span in self.spans if span.startswith("/") and not span.startswith(ELSEWHERE))]

    @property
    def files(self) -> list[str]:
        """Files and folders of the repository."""
        return [span for span in self.spans if FILE.fullmatch(span) and not span.startswith(ELSEWHERE)]

    @property
    def identifiers(self) -> list[str]:
        """Names of the code: alone, called, or of an attribute."""
        return [span.removesuffix("()") for span in self.spans if NAME.fullmatch(span) and not FILE.fullmatch(span)]


def is_read(name: str) -> bool:
    return name.endswith(".md") and not name.startswith(".github/") and name not in WRITTEN


DOCUMENTS = tuple(Document(name) for name in tracked() if is_read(name))
JAPANESE = tuple(one for one in DOCUMENTS if one.path.endswith(".ja.md") or one.path == "CHANGELOG.md")
ENGLISH = tuple(one for one in DOCUMENTS if one not in JAPANESE)
