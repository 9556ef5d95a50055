"""The report holds the latest measurements of each group, and marks ratios beyond their bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import report
from bench.bounds import ceiling, floor
from bench.measurement import GroupResults, Ratio

pytestmark = pytest.mark.on_no_database

MET_RATIO, MISSED_RATIO = (
    Ratio("<kept>", [5, 4, 6], "5 to 1", floor(4)),
    Ratio("missed", [1.6, 1.4, 1.7], "", ceiling(1.5)),
)


def test_what_is_missed_is_said_on_the_terminal_and_in_the_document() -> None:
    results = GroupResults("growth", "Growth", [MET_RATIO, MISSED_RATIO], "About.")
    met, missed = report.format_table(results).splitlines()[-2:]
    assert met.split() == ["<kept>", "4", "5", "6", "≥", "4", "5", "to", "1"]
    assert missed.split() == ["missed", "1.4", "1.6", "1.7", "≤", "1.5", "✗"]
    assert report.format_row(MET_RATIO) == "| <kept> | 4 | 5 | 6 | ≥ 4 | 5 to 1 |"
    assert report.format_row(MISSED_RATIO) == "| missed | 1.4 | 1.6 | 1.7 | ≤ 1.5 **missed** |  |"


def test_figures_are_short_and_large_ones_whole() -> None:
    assert [report.format_number(value) for value in (0.01234, 1.5, 123.4, 1234.5)] == ["0.0123", "1.5", "123", "1,234"]


def test_a_section_takes_the_place_of_its_last_one_and_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "REPORT_FILE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(report, "describe_versions", lambda: "Python 3")
    report.write_report([GroupResults("growth", "Growth", [MET_RATIO]), GroupResults("search", "Search", [MET_RATIO])])
    report.write_report([GroupResults("growth", "Growth", [MISSED_RATIO], details="### Beside")])
    text = report.REPORT_FILE.read_text()
    assert text.startswith("# Benchmarks\n")
    assert text.count("\n## Growth\n") == text.count("\n## Search\n") == 1
    growth = text[text.index("## Growth") : text.index("## Search")]
    assert "| missed |" in growth
    assert "<kept>" not in growth
    assert "### Beside" in growth
    assert text.index("## Search") < text.index("## Before cold pages were made faster")
    assert text.count("## Before cold pages were made faster") == 1
