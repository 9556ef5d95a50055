"""Plans that tests load instead of the shipped one.

A test marked with `use_plans(plan, …)` runs with the plan loaded. Consecutive tests of a file with the same plan share
one loading of it, and each finds it untouched: see the fixture `catalogue`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import Outcome, load_folder
from dxportal.planfiles.schema import Folder

PlanLoader = Callable[[], object]  # replaces the loaded plan; None stands for the shipped one
MINAMIHOSHI = Path(__file__).parent / "folders" / "minamihoshi"


def use_plans(*plans: PlanLoader | None) -> pytest.MarkDecorator:
    """Run the test with each of these plans."""
    names = [plan.__name__ if plan else "shipped" for plan in plans]
    return pytest.mark.parametrize("catalogue", plans, indirect=True, ids=names)


def minamihoshi() -> Folder:
    """Load the invented plan."""
    folder = read_folder(MINAMIHOSHI)
    assert load_folder(folder, replace=True) is Outcome.REPLACED
    return folder
