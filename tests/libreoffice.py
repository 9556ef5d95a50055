"""LibreOffice without a window: it opens files and writes down what it sees in them."""

from __future__ import annotations

import csv
import os
import subprocess
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from xml.etree import ElementTree

Cells = list[list[str]]

# comma, quote, UTF-8, from line 1; as stored and not as shown, no formulas; -1: every sheet
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
# how a CSV is opened where somebody says that it is UTF-8 with commas; without it, LibreOffice 7 takes it for Latin
UTF8_CSV = "--infilter=Text - txt - csv (StarCalc):44,34,76,1"
# Debian's Python, which python3-uno belongs to.
PYTHON_WITH_UNO = "/usr/bin/python3"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def find_executable() -> str | None:
    return which("soffice") or which("libreoffice")


@dataclass(frozen=True)
class LibreOffice:
    """A LibreOffice of the tests' own, whose profile and results are in a folder."""

    home: Path

    def read_sheets(self, files: Mapping[str, bytes]) -> dict[str, dict[str, Cells]]:
        """The cells of files (name: content) sheet by sheet, numbers as they are stored."""
        results = self.convert(files, EVERY_SHEET)
        cells_by_file: dict[str, dict[str, Cells]] = {}
        for name in files:
            stem = Path(name).stem
            sheets = {file.stem.removeprefix(f"{stem}-"): file for file in results.glob(f"{stem}-*.csv")}
            assert sheets, f"LibreOffice did not open {name}"
            cells_by_file[name] = {sheet: read_cells(file) for sheet, file in sheets.items()}
        return cells_by_file

    def count_cell_types(self, files: Mapping[str, bytes]) -> dict[str, Counter[str]]:
        """How many cells of each file are a `formula`, and how many a `float`, a `string` …"""
        results = self.convert(files, "fods")
        return {name: count_types(results / f"{Path(name).stem}.fods") for name in files}

    def type_into(self, content: bytes, values: Mapping[str, int]) -> bytes:
        """A workbook in whose first sheet somebody has typed numbers, cell by cell."""
        typed = [f"{cell}={value}" for cell, value in values.items()]
        return self.run_script("type_into_cells.py", content, ".xlsx", *typed)

    def print_to_pdf(self, content: bytes, cells: str, hidden: str) -> bytes:
        """A PDF of one page that shows some cells of a workbook's first sheet, without the columns of these letters."""
        return self.run_script("sheet_to_pdf.py", content, ".pdf", cells, *hidden)

    def run_script(self, script: str, content: bytes, ending: str, *arguments: str) -> bytes:
        """What a script beside this module makes of a workbook, in a LibreOffice that listens to it."""
        folder = self.make_folder()
        before, after, pipe = folder / "before.xlsx", folder / f"after{ending}", f"dxportal-{os.getpid()}"
        before.write_bytes(content)
        office = subprocess.Popen([*self.command, f"--accept=pipe,name={pipe};urp;"], env=self.environment)
        command = [PYTHON_WITH_UNO, Path(__file__).parent / script, pipe, before, after, *arguments]
        try:
            subprocess.run(command, check=True, timeout=120)
        finally:
            office.terminate()
            office.wait(timeout=30)
        return after.read_bytes()

    def convert(self, files: Mapping[str, bytes], format: str) -> Path:
        """The folder with what LibreOffice has made of the files, all in one run: starting it takes longest."""
        folder = self.make_folder()
        results = folder / "results"
        for name, content in files.items():
            (folder / name).write_bytes(content)
        done = subprocess.run(
            [
                *self.command,
                *([UTF8_CSV] if suffixes(files) == {".csv"} else []),
                *("--convert-to", format, "--outdir", results),
                *(folder / name for name in files),
            ],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return results

    def make_folder(self) -> Path:
        """A new one, for the files of one run."""
        folder = self.home / f"run-{len(list(self.home.glob('run-*')))}"
        folder.mkdir()
        return folder

    @property
    def command(self) -> list[str]:
        program = find_executable()
        assert program, "LibreOffice がありません。make system-packages で入ります。"
        return [program, "--headless", f"-env:UserInstallation={(self.home / 'profile').as_uri()}"]

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"HOME": str(self.home), "LC_ALL": "C.UTF-8"}


def suffixes(names: Collection[str]) -> set[str]:
    return {Path(name).suffix for name in names}


def read_cells(file: Path) -> Cells:
    """The cells without the empty lines at the end of a sheet."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def count_types(file: Path) -> Counter[str]:
    """What the cells of an OpenDocument sheet are; equal neighbours stand there once, with their number."""
    kinds: Counter[str] = Counter()
    for row in ElementTree.parse(file).iter(f"{TABLE}table-row"):  # noqa: S314  # LibreOffice has written it
        rows = int(row.get(f"{TABLE}number-rows-repeated", 1))
        for cell in row:
            cells = rows * int(cell.get(f"{TABLE}number-columns-repeated", 1))
            if kind := cell.get(f"{OFFICE}value-type"):
                kinds[kind] += cells
            if cell.get(f"{TABLE}formula") is not None:
                kinds["formula"] += cells
    return kinds
