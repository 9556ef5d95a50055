"""The shape of a plan folder: one class for each kind of row, nested as the printed documents are.

A folder holds ``plan.yaml``, ``departments.yaml``, ``stages.yaml``, ``projects.yaml``, ``terms.yaml``
and one ``document-<number>.yaml`` for each printed document. Reading validates against these classes, dumping
writes them back in the order in which the fields stand here. See docs/plan-folder.md.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
NUMBER = r"^[1-9][0-9]{0,2}$"
BRACKETS = r"^[（(][）)]$"

Code = Annotated[str, StringConstraints(pattern=CODE, max_length=100)]
Text = Annotated[str, StringConstraints(min_length=1)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Heading = Annotated[str, StringConstraints(max_length=200)]
Numeral = Annotated[str, StringConstraints(max_length=20)]
Page = Annotated[int, Field(ge=1, le=9999)]
FiscalYear = Annotated[int, Field(ge=1900, le=2999)]
Amount = Annotated[int, Field(ge=0, le=10**15)]
Mark = Literal["new", "revised"]


class Row(BaseModel):
    """A mapping of the folder; unknown keys and values of another type are problems, never ignored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def as_plain(self) -> dict[str, Any]:
        """What is written to a file: every field that says something, in declared order."""
        return self.model_dump(exclude_defaults=True)


class PrintedRow(Row):
    """A row that stands on a page; `page_to` where it runs on to, or is repeated on, later pages."""

    code: Code
    page: Page
    page_to: Page | None = None
    editorial_note: str = ""


# plan.yaml


class PlanFile(Row):
    """What the plan is: never printed text, except its title."""

    code: Code
    title: Label
    status: Annotated[str, StringConstraints(max_length=50)] = ""
    period_from: FiscalYear
    period_to: FiscalYear
    publisher: Label
    is_official: bool
    sakigake_label: Label = "重点プロジェクト"
    licence: Label
    notice: Text
    updated_on: date


# departments.yaml, stages.yaml, projects.yaml, terms.yaml


class DepartmentRow(Row):
    """A department; the order of the file is the 建制順."""

    code: Code
    name: Label
    aliases: list[Label] = []
    contact: Heading = ""
    editorial_note: str = ""


class StageRow(Row):
    """A budget stage; `combined` where the print adds several stages up in one amount."""

    code: Code
    name: Label
    combined: bool = False
    editorial_note: str = ""


class PartRow(Row):
    code: Code
    name: Label


class BudgetLineRow(Row):
    """An amount in thousand yen, with the page it is printed on (both or neither)."""

    fiscal_year: FiscalYear
    stage: Code
    kind: Literal["expenditure", "lending_limit"] = "expenditure"
    part: Code | None = None
    amount_thousand_yen: Amount
    department: Code
    document: int | None = None
    page: Page | None = None
    editorial_note: str = ""


class ProjectRow(Row):
    code: Code
    name: Label
    kana: Annotated[str, StringConstraints(max_length=400)] = ""
    nature: Literal["project", "activity", "heading"] = "project"
    department: Code
    editorial_note: str = ""
    parts: list[PartRow] = []
    budget_lines: list[BudgetLineRow] = []


class TermRow(Row):
    """Words that mean the same, and how they are read; what a search tries beside what was typed."""

    code: Code
    words: Annotated[list[Word], Field(min_length=1)]
    readings: list[Word] = []
    editorial_note: str = ""


# document-<number>.yaml


class PassageRow(PrintedRow):
    heading: Heading = ""
    text: str = ""
    passages: list[PassageRow] = []


class PillarItemRow(PrintedRow):
    group: Heading = ""
    text: Text
    items: list[PillarItemRow] = []


class PillarRow(PrintedRow):
    name: Label
    text: Text
    items: list[PillarItemRow] = []


class NamedPartRow(Row):
    """A part as an appearance names it: in brackets behind the name, as printed, or on a line of its own."""

    part: Code
    label: Label
    brackets: Annotated[str, StringConstraints(pattern=BRACKETS)] = ""
    repeat: bool = False
    detail: Heading = ""


class AppearanceRow(PrintedRow):
    """A project as printed once, with the amount beside it where the print states one."""

    project: Code
    name: Label
    repeat: bool = False
    repeat_before_parts: bool = False
    note: str = ""
    kind: Literal["expenditure", "lending_limit"] = "expenditure"
    amount_thousand_yen: Amount | None = None


class ListingRow(AppearanceRow):
    """A related project under a countermeasure; year and department stand in the group above it."""

    parts: list[NamedPartRow] = []


class RelatedProjectsRow(Row):
    """A department heading (as printed) of one fiscal year, with the projects under it."""

    fiscal_year: FiscalYear
    department: Label
    projects: Annotated[list[ListingRow], Field(min_length=1)]


class ComponentRow(AppearanceRow):
    """A component project of a Sakigake project, with the department printed beside it."""

    fiscal_year: FiscalYear
    department: Label
    parts: list[NamedPartRow] = []


class CountermeasureRow(PrintedRow):
    text: Text
    related_projects: list[RelatedProjectsRow] = []


class GoalRow(PrintedRow):
    keyword: Label
    text: Text
    countermeasures: list[CountermeasureRow] = []


class DomainRow(PrintedRow):
    name: Label
    goals: list[GoalRow] = []


class FutureImageRow(PrintedRow):
    text: Text


class AreaRow(PrintedRow):
    numeral: Numeral = ""
    name: Label
    future_images: list[FutureImageRow] = []
    domains: list[DomainRow] = []


class PromotionBodyRow(PrintedRow):
    name: Label
    detail: Heading = ""


class PromotionLinkRow(PrintedRow):
    """A labelled arrow; an end that the print does not settle is left out or carries an editorial note."""

    label: Label
    source: Code | None = None
    target: Code | None = None


class SakigakeProjectRow(PrintedRow):
    """`code` is the printed number; `overview_page` is where the list of all of them names it."""

    code: Annotated[str, StringConstraints(pattern=NUMBER)]
    name: Label
    description: Text
    overview_page: Page | None = None
    components: list[ComponentRow] = []


class InitiativeRow(PrintedRow):
    text: Text
    mark: Mark | None = None
    content: str = ""


class PolicyMeasureRow(PrintedRow):
    name: Label
    mark: Mark | None = None
    initiatives: list[InitiativeRow] = []


class PolicyHeadingRow(PrintedRow):
    name: Label
    note: Heading = ""
    measures: list[PolicyMeasureRow] = []


class StrategySectionRow(PrintedRow):
    numeral: Numeral = ""
    name: Label
    headings: list[PolicyHeadingRow] = []


class DocumentFile(Row):
    """One printed document; any document may hold any of the sections."""

    number: Annotated[int, Field(ge=1, le=99)]
    label: Label
    title: Label
    page_from: Page
    page_to: Page
    repeat_mark: Annotated[str, StringConstraints(min_length=1, max_length=20)] = "（再掲）"
    editorial_note: str = ""
    passages: list[PassageRow] = []
    pillars: list[PillarRow] = []
    areas: list[AreaRow] = []
    promotion_bodies: list[PromotionBodyRow] = []
    promotion_links: list[PromotionLinkRow] = []
    sakigake_projects: list[SakigakeProjectRow] = []
    strategy_sections: list[StrategySectionRow] = []
