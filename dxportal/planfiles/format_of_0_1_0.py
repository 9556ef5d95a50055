"""Conversion of plan folders of version 0.1.0, which stated no format, to the format of today."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from budgets.models import StageRole
from dxportal.planfiles.raw_files import PLAN_FILE_NAME, RawFile

# Words in the names of stages, in the order in which they are looked for, and the role that they tell.
ROLE_BY_WORD = {
    "要求": StageRole.REQUEST,
    "決算": StageRole.SETTLEMENT,
    "執行": StageRole.SETTLEMENT,
    "翌年度": StageRole.CARRIED_OUT,
    "繰越": StageRole.CARRIED_IN,
    "補正後": StageRole.REVISED,
    "現計": StageRole.REVISED,
    "当初": StageRole.INITIAL,
    "補正": StageRole.SUPPLEMENTARY,
    "流用": StageRole.ADJUSTMENT,
    "予備費": StageRole.ADJUSTMENT,
}


def convert_earlier_format(files: Iterable[RawFile]) -> None:
    """Convert the parsed files in place, if plan.yaml states no format: stages get a role instead of `combined`.

    That format did not say what a combined stage covers, so it covers itself.
    """
    by_name = {file.name: file.data for file in files}
    plan, stages = by_name.get(PLAN_FILE_NAME), by_name.get("stages.yaml")
    if not isinstance(plan, dict) or "format" in plan or not isinstance(stages, list):
        return
    for stage in stages:
        if isinstance(stage, dict) and isinstance(stage.get("name"), str):
            stage.pop("combined", None)
            stage.setdefault("role", guess_role(stage["name"]).value)


def guess_role(name: str) -> StageRole:
    """Tell the role from a stage's name; one that says nothing is an initial budget."""
    plain = unicodedata.normalize("NFKC", name)
    return next((role for word, role in ROLE_BY_WORD.items() if word in plain), StageRole.INITIAL)
