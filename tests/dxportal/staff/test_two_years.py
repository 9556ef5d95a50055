"""One department through two fiscal years, step by step at the desk; after each step everything public is right."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from dxportal.changesets.models import ChangeSet
from dxportal.staff.models import Role
from tests.dxportal.public.reading_figures import Reader
from tests.dxportal.staff.staff_actions import create_user, read_questions, sign_in_as, take_step
from tests.dxportal.staff.year_checks import Checker, catalogue_after, text_of
from tests.dxportal.staff.year_steps import fill_in, prepare, propose_and_publish
from tests.two_years import (
    DEPARTMENT,
    DEPARTMENT_NAME,
    LISTING_UNSTATED,
    MEASURES,
    PRINTED_YEAR,
    SILENT,
    STEPS,
    Catalogue,
    Step,
    add_up,
    addends,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def editor() -> Client:
    return sign_in_as(create_user("editor", Role.EDITOR, DEPARTMENT))


def test_every_step_is_right_everywhere(editor: Client, bureau_client: Client, client: Client) -> None:
    for step in STEPS:
        prepare(bureau_client, step)
        change_set = fill_in(editor, step)
        check_questions(editor, change_set, step)
        check_effect(editor, change_set, step)
        propose_and_publish(editor, bureau_client)
        checker = Checker(client, step)
        checker.check_everything()
        assert all(SILENT in checker.catalogue.unstated("all", year) for year in checker.years if year > PRINTED_YEAR)


def check_questions(editor: Client, change_set: ChangeSet, step: Step) -> None:
    """A step asks what its list says; unticked, it is not proposed."""
    html = editor.get(change_set.get_absolute_url()).content.decode()
    asked = read_questions(html)
    assert len(asked) == len(step.questions), text_of(html)
    for question in step.questions:
        assert question in text_of(html)
    if asked:
        assert take_step(editor, change_set, "propose", question=[]).status_code == 400


def check_effect(editor: Client, change_set: ChangeSet, step: Step) -> None:
    """The page of the set shows the department's sum of each measure that changes, before and after."""
    after = catalogue_after(step)
    before = Catalogue([line for line in after.lines if line not in step.adds])
    html = editor.get(change_set.get_absolute_url()).content.decode()
    for measure, (label, _) in MEASURES.items():
        sums = [
            add_up(line for line in addends(measure, each.of_year(step.year)) if line.department == DEPARTMENT)
            for each in (before, after)
        ]
        heading = rf"<h2[^>]*>[^<]*{step.year}年度）の部局の{label}</h2>"
        if sums[0] == sums[1]:
            continue
        (section,) = re.findall(rf"{heading}(.*?)</table>", html, re.DOTALL)
        (row,) = (
            row for row in Reader(f"<table>{section}</table>").tables[-1].rows if row["部局"].text == DEPARTMENT_NAME
        )
        assert [row[name].text.partition("融資枠")[0] for name in ("前", "後")] == [
            "－" if each is None and measure not in LISTING_UNSTATED else words(each) for each in sums
        ]
