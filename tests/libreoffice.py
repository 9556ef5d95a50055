"""LibreOffice without a window: read cells as it sees them, type into them, print them."""

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
    """LibreOffice with a profile and results in a folder of the tests."""

    home: Path

    def read_sheets(self, files: Mapping[str, bytes]) -> dict[str, dict[str, Cells]]:
        """Return the cells of files (name: content) sheet by sheet, numbers as they are stored."""
        results = self.convert(files, EVERY_SHEET)
        cells_by_file: dict[str, dict[str, Cells]] = {}
        for name in files:
            stem = Path(name).stem
            sheets = {file.stem.removeprefix(f"{stem}-"): file for file in results.glob(f"{stem}-*.csv")}
            assert sheets, f"LibreOffice did not open {name}"
            cells_by_file[name] = {sheet: read_cells(file) for sheet, file in sheets.items()}
        return cells_by_file

    def count_cell_types(self, files: Mapping[str, bytes]) -> dict[str, Counter[str]]:
        """Count the cells of each file that are a `formula`, a `float`, a `string` …"""
        results = self.convert(files, "fods")
        return {name: count_types(results / f"{Path(name).stem}.fods") for name in files}

    def type_into(self, content: bytes, values: Mapping[str, int]) -> bytes:
        """Type numbers into cells of a workbook's first sheet and return the workbook."""
        typed = [f"{cell}={value}" for cell, value in values.items()]
        return self.run_script("type_into_cells.py", content, ".xlsx", *typed)

    def print_to_pdf(self, content: bytes, cells: str, hidden: str) -> bytes:
        """Print cells of a workbook's first sheet as a PDF of one page, without the columns of these letters."""
        return self.run_script("sheet_to_pdf.py", content, ".pdf", cells, *hidden)

    def run_script(self, script: str, content: bytes, ending: str, *arguments: str) -> bytes:
        """Run a script of this folder on a workbook, in a LibreOffice that listens at a pipe; return its result."""
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
        """Convert files in one run, as starting LibreOffice takes longest; return the folder of the results."""
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
        """Create a new folder for the files of one run."""
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
    """Return the cells of a CSV file without empty rows at its end."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def count_types(file: Path) -> Counter[str]:
    """Count the types of the cells of an OpenDocument sheet, where a run of equal cells is stored as one."""
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
