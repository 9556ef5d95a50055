"""What was measured stands in docs/benchmarks.md, what was missed with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import report
from bench.floors import ceiling, floor
from bench.rounds import Ratio, Results

pytestmark = pytest.mark.on_no_database

KEPT, MISSED = Ratio("<kept>", [5, 4, 6], "5 to 1", floor(4)), Ratio("missed", [1.6, 1.4, 1.7], "", ceiling(1.5))


def test_what_is_missed_is_said_on_the_terminal_and_in_the_document() -> None:
    results = Results("growth", "Growth", [KEPT, MISSED], "About.")
    kept, missed = report.printed(results).splitlines()[-2:]
    assert kept.split() == ["<kept>", "4", "5", "6", "≥", "4", "5", "to", "1"]
    assert missed.split() == ["missed", "1.4", "1.6", "1.7", "≤", "1.5", "✗"]
    assert report.row(KEPT) == "| <kept> | 4 | 5 | 6 | ≥ 4 | 5 to 1 |"
    assert report.row(MISSED) == "| missed | 1.4 | 1.6 | 1.7 | ≤ 1.5 **missed** |  |"


def test_figures_are_short_and_large_ones_whole() -> None:
    assert [report.short(one) for one in (0.01234, 1.5, 123.4, 1234.5)] == ["0.0123", "1.5", "123", "1,234"]


def test_a_section_takes_the_place_of_its_last_one_and_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "FILE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(report, "versions", lambda: "Python 3")
    report.write([Results("growth", "Growth", [KEPT]), Results("search", "Search", [KEPT])])
    report.write([Results("growth", "Growth", [MISSED], beside="### Beside")])
    said = report.FILE.read_text()
    assert said.startswith("# Benchmarks\n")
    assert said.count("\n## Growth\n") == said.count("\n## Search\n") == 1
    growth = said[said.index("## Growth") : said.index("## Search")]
    assert "| missed |" in growth
    assert "<kept>" not in growth
    assert "### Beside" in growth
    assert said.index("## Search") < said.index("## Before cold pages were made faster")
    assert said.count("## Before cold pages were made faster") == 1
