"""The rules of `make test` about parts that fail and parts that cannot run, on parts of a single word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from tests import everything
from tests.everything import OTHERS, PARTS, WITH_CLUSTER, Need, Part


def part(title: str, code: str = "pass", *needs: Need) -> Part:
    return Part(title, title, (sys.executable, "-c", f"print('{title} ran', flush=True); {code}"), needs)


def side_by_side(title: str, code: str = "pass") -> Part:
    return replace(part(title, code), on_one_core=True)


NOWHERE = Need("NoSuchProgram", lambda: False)
MISSING = part("missing", "pass", NOWHERE)


def test_every_part_runs_even_when_an_earlier_one_failed(capfd: pytest.CaptureFixture[str]) -> None:
    parts = [part("first"), part("broken", "raise SystemExit(3)"), part("last")]
    assert everything.run_parts(parts, ci=False) == 1
    out = capfd.readouterr().out
    assert [line for line in out.splitlines() if line.endswith(" ran")] == ["first ran", "broken ran", "last ran"]
    assert "不合格  broken" in out
    assert "合格  last" in out.splitlines()[-1]


def test_parts_on_one_core_run_two_at_a_time_and_each_is_printed_in_one_piece(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first waits for the second, which therefore runs beside it; the third begins when one of them has ended."""
    file = tmp_path / "there"
    wait = (
        f"import os, time\nfor _ in range(3000):\n    if os.path.exists('{file}'): break\n    time.sleep(0.01)\n"
        "else: raise SystemExit(1)\nprint('first ended')"
    )
    parts = [
        part("alone"),
        side_by_side("first", wait),
        side_by_side("second", f"open('{file}', 'w')"),
        side_by_side("third", "raise SystemExit(2)"),
    ]
    assert everything.run_parts(parts, ci=True) == 1
    out = capfd.readouterr().out
    assert out.index("alone ran") < out.index("second ran") < out.index("third ran")
    assert "■ first\nfirst ran\nfirst ended\n" in out
    assert "不合格  third" in out
    assert out.count("合格  ") == 4


def test_what_runs_is_stopped_with_the_whole() -> None:
    """An interrupt reaches the parts as well, so that they can take down what they have started."""
    waiting = side_by_side("waiting", "import time; time.sleep(60)")
    began = time.monotonic()
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)  # where these tests run in the background
    try:
        with pytest.raises(KeyboardInterrupt), everything.start_part(waiting, "") as process:
            raise KeyboardInterrupt
    finally:
        signal.signal(signal.SIGINT, ignored)
    assert process.returncode != 0
    assert time.monotonic() - began < 30


def test_what_runs_in_the_background_can_be_interrupted() -> None:
    code = (
        "import signal; from tests import everything; everything.PARTS = (); everything.main();"
        "print('interrupts', signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    )
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-c", code]
    done = subprocess.run(ignoring, capture_output=True, text=True)
    assert "interrupts True" in done.stdout, done.stderr


def test_a_part_whose_program_is_missing_is_told_in_the_last_lines(capfd: pytest.CaptureFixture[str]) -> None:
    assert everything.run_parts([MISSING, part("other")], ci=False) == 0
    lines = capfd.readouterr().out.splitlines()
    assert "other ran" in lines
    assert "missing ran" not in lines
    assert lines[-2:] == [
        "「missing」は動かしていません（NoSuchProgram がありません）。",
        "足りないものは make system-packages で入ります。",
    ]


def test_for_ci_a_missing_part_is_a_failure() -> None:
    assert everything.run_parts([MISSING, part("other")], ci=True) == 1
    assert everything.run_parts([part("other")], ci=True) == 0


def test_only_the_part_asked_for_sees_a_database_url(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://of-the-engineer")
    assert everything.run_parts([part("bare", "import os; print(os.environ.get('DATABASE_URL'))")], ci=False) == 0
    assert "None" in capfd.readouterr().out.splitlines()


def test_each_part_generates_its_own_number_of_cases(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HYPOTHESIS_PROFILE", "of-the-engineer")
    reporter = part("said", "import os; print('profile', os.environ['HYPOTHESIS_PROFILE'])")
    assert everything.run_parts([reporter, replace(reporter, profile="dev")], ci=True) == 0
    profiles = [line.split()[1] for line in capfd.readouterr().out.splitlines() if line.startswith("profile ")]
    assert profiles == ["test", "dev"]
    assert {part.name: part.profile for part in PARTS if part.profile != "test"} == {"postgresql": "dev"}
    others = {"fast": "dev", "long": "ci", "long-postgresql": "ci", "alone": "test", "coverage": "dev"}
    assert {part.name: part.profile for part in OTHERS} == others


def test_a_part_that_does_not_exist() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.everything", "nothing"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "「nothing」という部はありません" in done.stderr


def test_the_plain_suite_leaves_out_what_the_other_parts_run() -> None:
    folders = {part.command[-1].split("/")[1] for part in PARTS if part.command[-1].startswith("tests/")}
    assert folders == {"browser", "html", "office", "deploy"}
    pytest_options = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert set(pytest_options["norecursedirs"]) == {".*", "node_modules", "postgresql", *folders}
    assert ("-o", "norecursedirs=.* node_modules " + " ".join(sorted(folders))) == WITH_CLUSTER[:2]


@pytest.mark.slow
def test_every_test_of_the_browser_is_in_one_of_its_two_parts() -> None:
    commands = [part.command for part in PARTS if part.name in {"browser", "pages"}]
    found = []
    for command in commands:
        done = subprocess.run([*command, "--collect-only", "-q"], capture_output=True, text=True, check=True)
        found.append({line.split("::")[0] for line in done.stdout.splitlines() if "::" in line})
    assert not set.intersection(*found)
    assert set.union(*found) == {str(path) for path in Path("tests/browser").glob("test_*.py")}


def test_the_suite_runs_on_the_engine_it_was_started_for() -> None:
    asked = os.environ.get("DATABASE_URL", "").startswith("postgres")
    assert settings.DATABASES["default"]["ENGINE"].endswith("postgresql" if asked else "sqlite3")
