"""The number of cases by profile."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.on_no_database

SAID = (
    "from hypothesis import settings; from tests.examples import examples, load_profile; load_profile();"
    "print(settings.get_current_profile_name(), settings.default.max_examples, examples(25).max_examples)"
)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "dev 10 2"),
        ({"CI": "true"}, "ci 500 125"),
        ({"CI": "true", "HYPOTHESIS_PROFILE": "test"}, "test 100 25"),
        ({"HYPOTHESIS_PROFILE": "ci"}, "ci 500 125"),
    ],
)
def test_the_environment_chooses_the_profile(values: dict[str, str], said: str) -> None:
    bare = {name: value for name, value in os.environ.items() if name not in {"CI", "HYPOTHESIS_PROFILE"}}
    done = subprocess.run([sys.executable, "-c", SAID], env=bare | values, capture_output=True, text=True)
    assert done.stdout.strip() == said, done.stderr
