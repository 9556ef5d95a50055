"""Pages as a reader gets them: text without tags, links, and all of the site that links lead to."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

from django.test import Client

from tests.fixtures.printed_source import fold_print


class Reader(HTMLParser):
    """Collects the text of the main part of a page and the addresses of all its links."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.beside: set[str] = set()  # other views of a page, and files
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "main":
            self.inside += 1
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))
            if values.get("rel") == "nofollow" or "download" in values:
                self.beside.add(str(values["href"]))
        if values.get("id"):
            self.ids.append(str(values["id"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.inside -= 1

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def text_of(html: str) -> str:
    """The text of the main part, folded as print is: no white space, NFKC."""
    return fold_print("".join(read(html).texts))


def crawl(client: Client, start: str = "/") -> dict[str, str]:
    """Every public page that links lead to from the home page, by address; each must answer 200."""
    found: dict[str, str] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        response = client.get(path, follow=True)
        assert response.status_code == 200, path
        found[path] = response.content.decode()
        waiting += [where for where, _ in getattr(response, "redirect_chain", [])]
        page = read(found[path])
        for link in set(page.links) - page.beside:
            target = urldefrag(urljoin(path, link)).url
            if target.startswith("/") and not target.startswith("/admin/"):
                waiting.append(target)
    return found
