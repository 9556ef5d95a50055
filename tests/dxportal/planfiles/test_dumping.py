from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from budgets.models import ChangeReason, PrintedStage, Stage
from catalog.models import Plan, SourceDocument
from dxportal.planfiles.dumping import dump_catalogue, to_yaml
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import delete_catalogue, load_folder
from projects.models import Appearance
from tests.budgets.making import change_reason

pytestmark = pytest.mark.django_db


def test_a_dump_keeps_what_else_is_in_the_folder_and_drops_documents_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text("text", encoding="utf-8")
    (tmp_path / "document-9.yaml").write_text("number: 9\n", encoding="utf-8")
    names = dump_catalogue(tmp_path)
    assert (tmp_path / "source.txt").read_text(encoding="utf-8") == "text"
    assert not (tmp_path / "document-9.yaml").exists()
    assert names[:4] == ["plan.yaml", "departments.yaml", "stages.yaml", "projects.yaml"]
    assert (tmp_path / "plan.yaml").read_text(encoding="utf-8").startswith("format: 2\ncode: ")


def test_an_empty_catalogue_cannot_be_dumped(tmp_path: Path) -> None:
    delete_catalogue()
    with pytest.raises(Plan.DoesNotExist):
        dump_catalogue(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_stated_zero_and_nothing_stated_are_written_differently(tmp_path: Path) -> None:
    Appearance.objects.filter(code="s1-1").update(printed_amount_thousand_yen=0)
    Appearance.objects.filter(code="s1-2").update(printed_amount_thousand_yen=None, printed_kind="")
    dump_catalogue(tmp_path)
    data = yaml.safe_load((tmp_path / "document-4.yaml").read_text(encoding="utf-8"))
    first, second = data["sakigake_projects"][0]["components"]
    assert first["amount_thousand_yen"] == 0
    assert "amount_thousand_yen" not in second


@pytest.mark.parametrize("text", ["no", "1-2", "2021-04-01", "0x1f", "1_000", "~", "a: b", "# x", "長" * 500, "一\n二"])
def test_every_text_comes_back_as_the_text_it_was(text: str) -> None:
    written = to_yaml({"text": text})
    assert yaml.safe_load(written) == {"text": text}
    assert written.count("\n") == 1 or "\n" in text


def test_reasons_are_dumped_under_their_project_by_year_and_load_again(tmp_path: Path) -> None:
    dump_catalogue(tmp_path / "before")
    for years in ({"fiscal_year": 2022, "base_year": 2021}, {"fiscal_year": 2021, "base_year": 2020}):
        change_reason("workation", "一行目\n二行目", **years)
    dump_catalogue(tmp_path / "after")
    rows = yaml.safe_load((tmp_path / "after" / "projects.yaml").read_text(encoding="utf-8"))
    project = next(row for row in rows if row["code"] == "workation")
    assert list(project)[-1] == "change_reasons"
    assert project["change_reasons"] == [
        {"fiscal_year": 2021, "base_year": 2020, "text": "一行目\n二行目"},
        {"fiscal_year": 2022, "base_year": 2021, "text": "一行目\n二行目"},
    ]
    folder = read_folder(tmp_path / "after")
    delete_catalogue()
    load_folder(folder)
    assert ChangeReason.objects.count() == 2
    ChangeReason.objects.all().delete()
    dump_catalogue(tmp_path / "after")
    assert (tmp_path / "after" / "projects.yaml").read_bytes() == (tmp_path / "before" / "projects.yaml").read_bytes()


@pytest.mark.parametrize(("percent", "written"), [(20, ""), (0, "0"), (None, "null")])
def test_the_threshold_of_reasons_is_written_where_it_differs_from_the_default(
    tmp_path: Path, percent: int | None, written: str
) -> None:
    Plan.objects.update(reason_threshold_percent=percent)
    dump_catalogue(tmp_path)
    lines = (tmp_path / "plan.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "threshold" in line] == (
        [f"reason_threshold_percent: {written}"] if written else []
    )
    folder = read_folder(tmp_path)
    delete_catalogue()
    load_folder(folder)
    assert Plan.objects.get().reason_threshold_percent == percent


def test_documents_are_dumped_under_the_stage_of_their_amounts_and_load_again(tmp_path: Path) -> None:
    def printed_in() -> dict[str, list[int]]:
        rows = yaml.safe_load((tmp_path / "stages.yaml").read_text(encoding="utf-8"))
        return {row["code"]: [one["document"] for one in row["printed_in"]] for row in rows if "printed_in" in row}

    stages = Stage.objects.in_bulk(field_name="code")
    for number, stage in ((5, "initial-with-february"), (2, "initial-with-february"), (3, "june")):
        PrintedStage.objects.create(document=SourceDocument.objects.get(number=number), stage=stages[stage])
    dump_catalogue(tmp_path)
    assert printed_in() == {"initial-with-february": [2, 4, 5], "june": [3]}
    folder = read_folder(tmp_path)
    delete_catalogue()
    load_folder(folder)
    loaded = {(row.document.number, row.stage.code) for row in PrintedStage.objects.all()}
    assert loaded == {
        (4, "initial-with-february"),
        (5, "initial-with-february"),
        (2, "initial-with-february"),
        (3, "june"),
    }
    PrintedStage.objects.all().delete()
    dump_catalogue(tmp_path)
    assert printed_in() == {}
    load_folder(read_folder(tmp_path))
    assert not PrintedStage.objects.exists()
