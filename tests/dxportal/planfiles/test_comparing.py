from __future__ import annotations

from copy import deepcopy

from dxportal.planfiles.comparing import compare_folders
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.schema import Folder
from tests.plans import MINAMIHOSHI


def two() -> tuple[Folder, Folder]:
    folder = read_folder(MINAMIHOSHI)
    return folder, deepcopy(folder)


def said(before: Folder, after: Folder) -> list[str]:
    return [str(difference) for difference in compare_folders(before, after)]


def test_equal_folders_do_not_differ() -> None:
    assert said(*two()) == []


def test_a_changed_field() -> None:
    before, after = two()
    after.documents[0].pillars[0].name = "むすぶ"
    assert said(before, after) == ["document-1.yaml  pillars[a].name  「つなぐ」 → 「むすぶ」"]


def test_a_new_row_and_a_row_that_is_gone() -> None:
    before, after = two()
    after.departments.pop()
    assert said(before, after) == ["departments.yaml  [industry]  「しごと局」 → なし"]
    assert said(after, before) == ["departments.yaml  [industry]  なし → 「しごと局」"]


def test_another_order() -> None:
    before, after = two()
    after.departments.reverse()
    assert said(before, after) == ["departments.yaml    「planning、life、industry」 → 「industry、life、planning」"]


def test_a_field_that_was_empty() -> None:
    before, after = two()
    after.plan.status = "案"
    assert said(before, after) == ["plan.yaml  status  なし → 「案」"]


def test_a_changed_amount_names_its_year_and_stage() -> None:
    before, after = two()
    after.projects[3].budget_lines[2].amount_thousand_yen = 9
    assert said(before, after) == [
        "projects.yaml  [online].budget_lines[2023 initial forms].amount_thousand_yen  「1200」 → 「9」"
    ]
