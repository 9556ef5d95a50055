"""Files of 200,000 rows leave the server's memory as flat as files of a hundred, and arrive while they are made.

The site runs in processes of its own, over a database of its own; Linux tells how much memory they hold.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

from dxportal.tables.registry import BUDGETS
from tests.ports import reserve_port
from tests.sites import clean_environment, copy_checkout, run_site

PROJECTS, STAGES = 1000, 200
ROWS = PROJECTS * STAGES
MANY, FEW = "year=2022", "year=2021"
MEGABYTE = 1_000_000
Figures = tuple[int, int]  # rows, and the sum of their amounts

# Amounts are large and all different, so that a sum tells whether every row is there.
FILL = f"""
CREATE TEMPORARY TABLE number AS
    WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {PROJECTS})
    SELECT n FROM counted;
INSERT INTO projects_project (id, code, name, kana, nature, department_id, editorial_note)
    SELECT lower(hex(randomblob(16))), 'many-' || n, '行の多い事業その' || n, 'ぎょうのおおいじぎょう' || n, 'project',
        department.id, ''
    FROM number JOIN catalog_department department ON department.position = 1 + n % 10;
INSERT INTO budgets_stage (id, code, name, role, position, editorial_note)
    SELECT lower(hex(randomblob(16))), 'many-' || n, '第' || n || '号補正', 'supplementary', 1000 + n, ''
    FROM number WHERE n <= {STAGES};
INSERT INTO budgets_budgetline (id, project_id, fiscal_year, stage_id, kind, amount_thousand_yen, department_id,
        editorial_note)
    SELECT lower(hex(randomblob(16))), project.id, 2022, stage.id, 'expenditure',
        1000000 + 997 * row_number() OVER (ORDER BY project.code, stage.code), project.department_id, ''
    FROM projects_project project, budgets_stage stage
    WHERE project.code LIKE 'many-%' AND stage.code LIKE 'many-%';
"""  # noqa: S608  # of our own numbers


@dataclass(frozen=True)
class Site:
    port: int
    folder: Path  # where all of its processes work, and none but they

    def get(self, path: str) -> HTTPResponse:
        response: HTTPResponse = urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=300)
        return response

    def memory(self, figure: str) -> float:
        """`VmRSS`, what the processes hold now, or `VmHWM`, the most that they held, in MB."""
        found = [re.search(rf"{figure}:\s+(\d+) kB", (process / "status").read_text()) for process in self.processes()]
        assert len(found) > 1
        return sum(1024 * int(kilobytes[1]) for kilobytes in found if kilobytes) / MEGABYTE

    def forget_peak(self) -> None:
        for process in self.processes():
            (process / "clear_refs").write_text("5")

    def processes(self) -> list[Path]:
        return [process for process in Path("/proc").glob("[0-9]*") if works_in(process, self.folder)]


def works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").samefile(folder)
    except OSError:  # a process that has ended meanwhile, or that is not ours
        return False


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database") / "many.sqlite3"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, database: Path) -> Iterator[Site]:
    """A site that has answered everything once for few rows, and has a year of many."""
    site = Site(reserve_port(), copy_checkout(tmp_path_factory.mktemp("site")))
    with run_site(site.folder, site.port, DATABASE_URL=f"sqlite:///{database}", PAGE_MEMORY="0"):
        connection = sqlite3.connect(database)
        connection.executescript(FILL)
        connection.close()
        rebuilt = clean_environment(DATABASE_URL=f"sqlite:///{database}")
        subprocess.run([sys.executable, "manage.py", "rebuild_tables"], cwd=site.folder, env=rebuilt, check=True)
        for kind in KINDS:
            with site.get(kind.address(FEW)) as response:
                response.read()
        yield site


@pytest.fixture(scope="module")
def stored(database: Path, site: Site) -> Figures:
    """The number of lines and their sum, by the database."""
    connection = sqlite3.connect(database)
    found: Figures = connection.execute(
        "SELECT count(*), sum(amount_thousand_yen) FROM budgets_budgetline WHERE fiscal_year = 2022"
    ).fetchone()
    connection.close()
    assert found == (ROWS, sum(1_000_000 + 997 * n for n in range(1, ROWS + 1)))
    return found


@dataclass(frozen=True)
class Download:
    file: Path
    first_seconds: float  # until the first tenth of a megabyte was there
    seconds: float
    grown: float  # MB of memory, at the peak, above what there was before

    def __str__(self) -> str:
        size = self.file.stat().st_size / MEGABYTE
        began = f"{self.seconds:.1f}秒（初めの0.1 MBまで{self.first_seconds:.1f}秒）"
        return f"{ROWS:,}行、{size:.1f} MB、{began}、メモリーの増え {self.grown:.1f} MB"


def download(site: Site, address: str, to: Path) -> Download:
    """Fetch a file as fast as it comes, and look at the memory of the site."""
    before = site.memory("VmRSS")
    site.forget_peak()
    asked, first = time.monotonic(), 0.0
    with site.get(address) as response, to.open("wb") as file:
        while piece := response.read1(1 << 16):
            file.write(piece)
            if not first and file.tell() >= MEGABYTE / 10:
                first = time.monotonic() - asked
    return Download(to, first, time.monotonic() - asked, site.memory("VmHWM") - before)


def in_csv(encoding: str) -> Callable[[Path], Figures]:
    def figures(file: Path) -> Figures:
        with file.open(encoding=encoding, newline="") as opened:
            rows = csv.reader(opened)
            amount = next(rows).index("amount_thousand_yen")
            return summed(int(row[amount]) for row in rows)

    return figures


def in_json(file: Path) -> Figures:
    with file.open() as opened:
        rows = (json.loads(line.rstrip(",\n")) for line in opened if line.startswith('{"fiscal_year"'))
        return summed(row["amount_thousand_yen"] for row in rows)


def in_excel(file: Path) -> Figures:
    with ZipFile(file) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    names = [column.name for column in BUDGETS.in_files]
    letter = chr(ord("A") + names.index("amount_thousand_yen")).encode()
    amounts = re.finditer(rb'<c r="' + letter + rb'\d+"(?: s="\d+")?><v>(\d+)</v>', sheet)
    return summed(int(found[1]) for found in amounts)


def summed(amounts: Iterable[int]) -> Figures:
    rows = total = 0
    for amount in amounts:
        rows, total = rows + 1, total + amount
    return rows, total


@dataclass(frozen=True)
class Kind:
    """A kind of file; `allowed` is a fraction of what its rows would take if they were in memory together."""

    ending: str
    parameters: str
    allowed: int  # MB
    figures: Callable[[Path], Figures]
    is_sent_while_made: bool

    def address(self, query: str) -> str:
        return f"/budgets.{self.ending}?header=name&{query}{self.parameters}"


KINDS = (
    Kind("csv", "", 25, in_csv("utf-8-sig"), is_sent_while_made=True),
    Kind("csv", "&encoding=cp932", 25, in_csv("cp932"), is_sent_while_made=True),
    Kind("json", "", 25, in_json, is_sent_while_made=True),
    Kind("xlsx", "", 40, in_excel, is_sent_while_made=False),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.ending + kind.parameters)
def test_memory_is_flat_and_every_row_is_there(
    site: Site, stored: Figures, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: Kind
) -> None:
    got = download(site, kind.address(MANY), tmp_path / "file")
    with capsys.disabled():
        print(f"\n{kind.address(MANY)}：{got}")
    assert kind.figures(got.file) == stored
    assert got.grown < kind.allowed
    if kind.is_sent_while_made:
        assert got.first_seconds < got.seconds / 2


def test_a_reader_who_stops_reading_costs_no_memory_and_stops_nobody(site: Site) -> None:
    before = site.memory("VmRSS")
    site.forget_peak()
    with site.get(KINDS[0].address(MANY)) as stopped:
        assert stopped.read(1000).startswith("\ufefffiscal_year,".encode())
        time.sleep(3)
        with site.get("/healthz") as response:
            assert response.status == 200
        assert site.memory("VmHWM") - before < 25
