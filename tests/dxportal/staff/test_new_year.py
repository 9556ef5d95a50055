"""A new fiscal year: the appearances of the year before without amounts; for any year, and twice without harm."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from budgets.totals import Total, fiscal_years
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.workflow import propose, publish, undo
from dxportal.planfiles.loading import load_folder
from dxportal.planfiles.mapping import read_catalogue
from dxportal.sheets.models import UploadResult
from dxportal.staff.models import Role
from dxportal.staff.new_year import open_year
from projects.models import Appearance
from tests.budgets.making import all_rows
from tests.dxportal.sheets.sheet_uploads import AMOUNT, KIND, SILENT, STAGE, fill_sheet, send_sheet
from tests.dxportal.staff.staff_actions import create_user, sign_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def opened(user: User, base: int = 2021, year: int = 2022) -> ChangeSet:
    change_set = open_year(user, base, year)
    assert change_set is not None
    return publish(propose(change_set), user)


def test_every_appearance_is_there_and_no_amount(bureau: User) -> None:
    opened(bureau)
    old, new = (Appearance.objects.current().for_year(year) for year in (2021, 2022))
    names = (
        "code",
        "project",
        "printed_name",
        "department",
        "countermeasure",
        "sakigake_project",
        "is_repeat",
        "position",
    )
    assert list(new.values_list(*names).order_by("code")) == list(old.values_list(*names).order_by("code"))
    assert new.count() == 166
    parts = ("code", "named_parts__part", "named_parts__label", "named_parts__is_repeat")
    assert set(new.values_list(*parts)) == set(old.values_list(*parts))
    assert not new.exclude(printed_amount_thousand_yen=None).exists()
    assert all("この年度の資料はまだない。" in note for note in new.values_list("editorial_note", flat=True))
    assert fiscal_years() == [2022, 2021]
    total = Total.of(all_rows(2022))
    assert (total.counted_rows, total.not_stated_rows) == (0, 94)


def test_twice_is_once(bureau: User) -> None:
    assert open_year(bureau, 2021, 2022) is not None  # still open
    opened(bureau)
    assert open_year(bureau, 2021, 2022) is None
    Appearance.objects.for_year(2022).filter(code="1-2-1-1-1").delete()
    again = open_year(bureau, 2021, 2022)
    assert again is not None
    assert again.changes.count() == 1


def test_year_after_year_says_the_last_year_alone(bureau: User) -> None:
    opened(bureau)
    opened(bureau, 2022, 2023)
    note = Appearance.objects.get(fiscal_year=2023, code="1-2-1-1-1").editorial_note
    assert note == "令和４年度（2022年度）の掲載を引き継いだ。この年度の資料はまだない。"


def test_the_catalogue_can_be_dumped_and_loaded_and_undone(bureau: User) -> None:
    before = read_catalogue()
    change_set = opened(bureau)
    with_two_years = read_catalogue()
    load_folder(with_two_years, replace=True)
    assert read_catalogue() == with_two_years
    undo(change_set, bureau)
    assert read_catalogue() == before


def test_its_sheets_can_be_filled_in(bureau: User) -> None:
    opened(bureau)
    cells = {(SILENT, AMOUNT): 10, (SILENT, STAGE): "当初（前年度２月補正を含む）", (SILENT, KIND): "予算額"}
    upload = send_sheet(bureau, fill_sheet(cells, year=2022))
    assert upload.result == UploadResult.KEPT
    publish(propose(upload.change_set), bureau)
    assert Total.of(all_rows(2022)).expenditure_thousand_yen == 10


def test_the_bureau_starts_it_from_the_page_of_sheets(bureau: User) -> None:
    client = sign_in_as(bureau)
    page = client.get("/admin/sheets/").content.decode()
    assert 'value="2022"' in page
    response = client.post("/admin/sheets/new-year/", {"base": 2021, "year": 2022}, follow=True)
    assert "掲載を額なしで写しました" in response.content.decode()
    assert ChangeSet.objects.get().title == "令和４年度（2022年度）を始める（令和３年度（2021年度）の掲載を写す）"
    publish(propose(ChangeSet.objects.get()), bureau)
    again = client.post("/admin/sheets/new-year/", {"base": 2021, "year": 2022}, follow=True)
    assert "もうすべてあります" in again.content.decode()


@pytest.mark.parametrize(
    ("base", "year"),
    [
        ("2021", "abc"),
        ("2021", "22"),
        ("1999", "2022"),
        ("", ""),
        ("2021", "2021"),
        ("2021", "２０２２①"),
        ("2021", "令和４年度（2021年度）"),
        ("2021", "R³"),
        ("2021", "9999"),
    ],
)
def test_years_that_are_none_are_told(bureau: User, base: str, year: str) -> None:
    response = sign_in_as(bureau).post("/admin/sheets/new-year/", {"base": base, "year": year}, follow=True)
    assert "写す元の年度と、始める年度" in response.content.decode()
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize("year", ["２０２２", "令和４年度", "R4"])
def test_a_year_is_started_however_it_is_typed(bureau: User, year: str) -> None:
    sign_in_as(bureau).post("/admin/sheets/new-year/", {"base": "令和３年度", "year": year})
    assert ChangeSet.objects.get().title.startswith("令和４年度（2022年度）を始める")


def test_a_department_starts_no_year() -> None:
    client = sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))
    assert client.post("/admin/sheets/new-year/", {"base": 2021, "year": 2022}).status_code == 403
