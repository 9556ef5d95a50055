from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from django.db import DatabaseError

from budgets.models import BudgetLine, ChangeReason, Measure, PrintedStage, StageRole
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.models import Department, Goal, Plan
from dxportal.planfiles import loading, schema
from dxportal.planfiles.dumping import dump_catalogue
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import CatalogueDiffersError, Outcome, delete_catalogue, load_folder
from dxportal.planfiles.primary_keys import derive_primary_key
from dxportal.planfiles.schema import Folder
from dxportal.tracked_tables import CATALOGUE
from projects.models import Appearance, Project
from tests.conftest import YAMAGUCHI
from tests.folders.generated_plan import generate_folder
from tests.plans import MINAMIHOSHI

pytestmark = pytest.mark.django_db


def same_files(folder: Path, other: Path) -> bool:
    return {p.name: p.read_bytes() for p in folder.glob("*.yaml")} == {
        p.name: p.read_bytes() for p in other.glob("*.yaml")
    }


@pytest.mark.parametrize("folder", [YAMAGUCHI, MINAMIHOSHI], ids=["yamaguchi", "minamihoshi"])
def test_load_then_dump_gives_the_same_files(folder: Path, tmp_path: Path) -> None:
    load_folder(read_folder(folder), replace=True)
    dump_catalogue(tmp_path)
    assert same_files(folder, tmp_path)
    assert load_folder(read_folder(tmp_path)) is Outcome.UNCHANGED


def test_a_generated_plan_goes_there_and_back(tmp_path: Path) -> None:
    folder = generate_folder(2)
    load_folder(folder, replace=True)
    dump_catalogue(tmp_path)
    assert read_folder(tmp_path) == folder


def test_rows_in_documents_of_their_own_go_there_and_back(tmp_path: Path) -> None:
    folder = generate_folder(2)
    listing = folder.documents[0].areas[0].domains[0].goals[0].countermeasures[0].related_projects[0].projects[0]
    second = schema.DocumentFile(number=2, label="別冊", title="別冊", page_from=1, page_to=9)
    listing.document, listing.page = 2, 9
    second.promotion_bodies.append(
        folder.documents[0].promotion_bodies.pop()
    )  # a link of the first document leads there
    second.promotion_bodies[0].page = 1
    folder.documents.append(second)
    load_folder(folder, replace=True)
    assert Appearance.objects.get(code=listing.code, document__number=2).page == 9
    dump_catalogue(tmp_path)
    assert read_folder(tmp_path) == folder


def test_sakigake_projects_in_any_order_are_loaded_by_number(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(YAMAGUCHI, tmp_path / "plan"))
    data = yaml.safe_load((folder / "document-4.yaml").read_text(encoding="utf-8"))
    data["sakigake_projects"].reverse()
    (folder / "document-4.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert load_folder(read_folder(folder)) is Outcome.UNCHANGED


def test_an_empty_catalogue_is_filled_and_then_left_alone() -> None:
    delete_catalogue()
    assert all(not model._default_manager.exists() for model in CATALOGUE)
    assert load_folder(read_folder(YAMAGUCHI)) is Outcome.LOADED
    before = {model: set(model._default_manager.values_list("pk", flat=True)) for model in CATALOGUE}
    assert load_folder(read_folder(YAMAGUCHI)) is Outcome.UNCHANGED
    assert before == {model: set(model._default_manager.values_list("pk", flat=True)) for model in CATALOGUE}


def test_identities_follow_from_natural_keys() -> None:
    goal = Goal.objects.get(code="1-2-1")
    assert goal.pk == derive_primary_key(Goal, *goal.natural_key())
    line = BudgetLine.objects.with_names().get(project__code="yamaguchi-dx")
    assert line.pk == derive_primary_key(BudgetLine, *line.natural_key())
    assert derive_primary_key(Department, "somu") != derive_primary_key(Project, "somu")


def test_what_staff_have_edited_is_not_overwritten() -> None:
    Goal.objects.filter(code="1-2-1").update(text="職員が直した目標。")
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=1)
    with pytest.raises(CatalogueDiffersError) as caught:
        load_folder(read_folder(YAMAGUCHI))
    assert [str(difference) for difference in caught.value.differences] == [
        "document-2.yaml  areas[1].domains[1-2].goals[1-2-1].text  「職員が直した目標。」 → 「ＲＰＡやクラウド、"
        "ＩｏＴ、オンライン技術等の導入により生産性の向上や既存ビジネスの変革等が進み、地域中核企業の創出や"
        "中小企業の成長が図られる。」",
        "projects.yaml  [workation].budget_lines[2021 initial-with-february].amount_thousand_yen  「1」 → 「85000」",
    ]
    assert Goal.objects.get(code="1-2-1").text == "職員が直した目標。"


def test_what_staff_have_registered_in_an_empty_catalogue_is_not_overwritten() -> None:
    delete_catalogue()
    Department.objects.create(code="new", name="総務部", position=1)
    with pytest.raises(CatalogueDiffersError):
        load_folder(read_folder(YAMAGUCHI))
    assert Department.objects.get().code == "new"
    assert load_folder(read_folder(YAMAGUCHI), replace=True) is Outcome.REPLACED


def test_another_plan_replaces_only_when_asked() -> None:
    with pytest.raises(CatalogueDiffersError):
        load_folder(read_folder(MINAMIHOSHI))
    assert Plan.objects.get().code == "yamaguchi-2021"
    assert load_folder(read_folder(MINAMIHOSHI), replace=True) is Outcome.REPLACED
    assert Plan.objects.get().code == "minamihoshi-2023"
    assert BudgetLine.objects.count() == 21


def test_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {model: model._default_manager.count() for model in CATALOGUE}

    def break_off(folder: Folder) -> list[object]:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(loading, "build_rows", break_off)
    with pytest.raises(DatabaseError):
        load_folder(read_folder(MINAMIHOSHI), replace=True)
    assert before == {model: model._default_manager.count() for model in CATALOGUE}


# Added up by hand; the same of lending limits.
FIGURES = {
    2022: {Measure.SETTLEMENT: (900, 60_000)},
    2023: {
        Measure.REQUEST: (1400, 0),
        Measure.INITIAL: (1200, 0),
        Measure.SUPPLEMENTARY: (300, 0),
        Measure.CURRENT: (1200 + 300, 0),
        Measure.AVAILABLE: (1200 + 300, 0),
        Measure.SETTLEMENT: (1300, 0),
        Measure.CARRIED_OUT: (150, 0),
    },
    2024: {
        Measure.INITIAL: (1500 + 800, 70_000),
        Measure.SUPPLEMENTARY: (3000 - 300 + 50, 0),
        Measure.CURRENT: (1500 + 800 + 3000 - 300 + 50, 70_000),
        Measure.AVAILABLE: (1500 + 800 + 3000 - 300 + 50 + 150, 70_000),
        Measure.SETTLEMENT: (2600, 65_000),
        Measure.CARRIED_OUT: (100, 0),
    },
}


@pytest.mark.usefixtures("minamihoshi")
@pytest.mark.parametrize("year", FIGURES)
def test_figures_of_the_invented_plan(year: int) -> None:
    for measure in filter(lambda each: each.has_total, Measure):
        total = Total.of(BudgetRows.of(year, measure))
        figures = (total.expenditure_thousand_yen, total.lending_limit_thousand_yen)
        assert figures == FIGURES[year].get(measure, (0, 0)), measure


def test_the_invented_plan_has_lines_of_every_role_and_both_signs(minamihoshi: Folder) -> None:
    lines = BudgetLine.objects.order_by()
    assert set(lines.values_list("stage__role", flat=True)) == set(StageRole)
    assert lines.filter(amount_thousand_yen__lt=0).get().stage.code == "february"
    assert set(lines.for_year(2023).filter(amount_thousand_yen=0).values_list("project__code", flat=True)) == {
        "counter"
    }
    carried = lines.filter(stage__role__in=("carried_out", "carried_in"), project__code="online")
    assert set(carried.values_list("fiscal_year", "amount_thousand_yen")) == {(2023, 150), (2024, 150)}
    assert ChangeReason.objects.get().base_year == 2022
    assert PrintedStage.objects.get().stage.role == StageRole.REVISED


def test_labels_of_the_invented_plan(minamihoshi: Folder) -> None:
    assert Department.objects.labelled("企画課").get().name == "未来企画局"
