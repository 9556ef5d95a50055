"""Figures as a reader sees them on a page, and the same as somebody adds them up who has only the files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from io import StringIO
from operator import itemgetter
from typing import Any
from urllib.parse import urljoin

from django.test import Client

from budgets.models import Measure

AMOUNT_LABELS = {measure.amount_label for measure in Measure if measure.has_total}  # what pages call an amount
Line = dict[str, str]  # a row of a file, by the label of the column
Numbers = tuple[int | None, ...]


@dataclass(frozen=True)
class Cell:
    text: str
    href: str

    @property
    def amount(self) -> int | None:
        """In thousand yen, or a number of rows; None where none is stated."""
        return amount(self.text)


@dataclass
class Table:
    """A table with its caption; each row as its cells by the head of their column."""

    caption: str
    rows: list[dict[str, Cell]]

    def numbers(self, *columns: str) -> list[Numbers]:
        return [tuple(row[column].amount for column in columns) for row in self.rows]


class Reader(HTMLParser):
    """Tables, definition lists (`dl`) and the links to files; the text of everything."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.terms: dict[str, str] = {}
        self.files: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.source = html
        self.open: list[str] = []
        self.piece, self.href, self.term = "", "", ""
        self.head: list[str] = []
        self.cells: list[Cell] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "table":
            self.tables.append(Table("", []))
            self.head = []
        if tag == "a":
            self.href = self.href or str(values.get("href"))
            self.links.append(str(values.get("href")))
            if "download" in values:
                self.files.append(str(values["href"]))
        if tag in {"td", "th", "caption", "dt", "dd"}:
            assert not {"colspan", "rowspan"} & set(values), "a cell is of one column"
            self.piece, self.href = "", ""
        if tag == "tr":
            self.cells = []

    def handle_data(self, data: str) -> None:
        self.piece += data.strip()
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "caption":
                self.tables[-1].caption = self.piece
            case "td" | "th":
                self.cells.append(Cell(self.piece, self.href))
            case "tr" if not self.head:
                self.head = [cell.text for cell in self.cells]
            case "tr":
                self.tables[-1].rows.append(dict(zip(self.head, self.cells, strict=True)))
            case "dt":
                self.term = self.piece
            case "dd":
                self.terms.setdefault(self.term, self.piece)

    def table(self, caption: str, number: int = 0) -> Table:
        """The table whose caption contains these words."""
        return [table for table in self.tables if caption in table.caption][number]

    def said(self, pattern: str) -> int | None:
        """The first figure that the text of the page says in these words."""
        found = re.search(pattern, self.text)
        return int(found[1].replace(",", "")) if found else None


def amount(text: str) -> int | None:
    """The exact figure, which stands behind the same in words; None where none is stated."""
    if text in {"", "－", "記載なし"}:
        return None
    if text.startswith("0円"):
        return 0
    found = re.search(r"([\d,]+)千円(?!\d)", text) or re.fullmatch(r"([\d,]+)", text)
    assert found, f"no figure: {text}"
    return int(found[1].replace(",", ""))


# Columns of expenditure with those of lending limits beside them; a comparison has one for both.
LIMITS = {"予算額（千円）": "融資枠（千円）", "資料に記載の額（千円）": "資料に記載の融資枠（千円）"}


def stated_amount(row: Line, column: str = "予算額（千円）") -> str:
    """The amount of a row, of either kind; "" where none is stated."""
    return row[column] or row[LIMITS.get(column, column)]


@dataclass(frozen=True)
class Counted:
    """Totals counted in the rows of a file: both sums (None if nothing is stated) and the rows of both kinds."""

    expenditure: int | None
    lending_limit: int | None
    stated: int
    silent: int

    @classmethod
    def of(cls, lines: Iterable[Line], column: str = "予算額（千円）") -> Counted:
        rows = list(lines)
        sums: dict[str, list[int]] = {"予算額": [], "融資枠": []}
        for row in rows:
            if stated := stated_amount(row, column):
                sums[row["種別"]].append(int(stated))
        expenditure, lending = (sum(amounts) if amounts else None for amounts in sums.values())
        stated = sum(map(len, sums.values()))
        return cls(expenditure, lending, stated, len(rows) - stated)

    @property
    def numbers(self) -> Numbers:
        return (self.expenditure, self.lending_limit, self.stated, self.silent)


class Site:
    """Pages and files of the portal; a file is read once, however many figures are compared with it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.read: dict[str, list[Line]] = {}

    def page(self, address: str) -> Reader:
        response = self.client.get(address, follow=True)
        assert response.status_code == 200, address
        return Reader(response.content.decode())

    def file(self, address: str) -> list[Line]:
        if address not in self.read:
            response = self.client.get(address)
            assert response.status_code == 200, address
            self.read[address] = list(csv.DictReader(StringIO(response.getvalue().decode("utf-8-sig"), newline="")))
        return self.read[address]

    def twin(self, address: str) -> list[dict[str, Any]]:
        """The rows of the JSON beside a page's address."""
        path, _, query = address.partition("?")
        return list(json.loads(self.client.get(f"{path.rstrip('/')}.json?{query}").getvalue())["rows"])

    def own_file(self, page: Reader) -> list[Line]:
        """The rows of the CSV that a page itself offers."""
        addresses = [file for file in page.files if ".csv" in file and "cp932" not in file]
        (address,) = (file for file in addresses if not file.startswith(("/parts.", "/memberships.")))
        return self.file(address)

    def behind(self, link: str, at: str = "/") -> list[Line]:
        """The rows of the file that is offered where a link leads."""
        path, _, query = urljoin(at, link).partition("?")
        return self.file(f"{path.rstrip('/')}.csv?{query}")


def distinct(files: Iterable[list[Line]]) -> list[Line]:
    """The budget lines of several files, each once."""
    key = itemgetter("年度", "事業コード", "内訳", "予算区分", "種別")
    return list({key(row): row for rows in files for row in rows}.values())
