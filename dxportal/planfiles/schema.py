"""Schema of the files of a plan folder: one class per kind of row, nested as in the printed documents.

Only here are their fields named: reading validates against these classes, and `mapping` follows them in both
directions. A field maps to the column of the same name unless a `ColumnMapping` says otherwise. Fields are written in
declared order and left out if they have their default. See docs/plan-folder.md.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

import catalog.models as catalog
from budgets.models import BudgetLine, ChangeReason, PrintedStage, Stage, StageComponent
from dxportal.planfiles.row_base import ColumnMapping, NotStored, PlanFileRow, TextsMapping
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

CODE_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
NUMBER_PATTERN = r"^[1-9][0-9]{0,2}$"
BRACKETS_PATTERN = r"^[（(][）)]$"

Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN, max_length=100)]
Text = Annotated[str, StringConstraints(min_length=1)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
TermText = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Heading = Annotated[str, StringConstraints(max_length=200)]
Numeral = Annotated[str, StringConstraints(max_length=20)]
Page = Annotated[int, Field(ge=1, le=9999)]
FiscalYear = Annotated[int, Field(ge=1900, le=2999)]
AmountThousandYen = Annotated[int, Field(ge=0, le=10**15)]
SignedAmountThousandYen = Annotated[int, Field(ge=-(10**15), le=10**15)]
DocumentNumber = Annotated[int, Field(ge=1, le=99)]
AmountKindCode = Literal["expenditure", "lending_limit"]
RevisionMarkValue = Annotated[Literal["new", "revised"] | None, ColumnMapping("revision_mark")]
StageRoleCode = Literal[
    "request", "initial", "supplementary", "adjustment", "carried_in", "revised", "settlement", "carried_out"
]
PrintedDepartment = Annotated[Label, ColumnMapping("printed_department", also="department")]


# plan.yaml

FORMAT: Final = 2  # raised only where files that are written cannot be read by earlier versions; 0.1.0 stated none


class PlanFile(PlanFileRow, table=catalog.Plan):
    """Format of the folder and metadata of the plan; none of it is printed text, except the title."""

    format: Annotated[Literal[2], NotStored()] = FORMAT
    code: Code
    title: Label
    status: Annotated[str, StringConstraints(max_length=50)] = ""
    period_from: FiscalYear
    period_to: FiscalYear
    publisher: Label
    is_official: bool
    sakigake_label: Label = "重点プロジェクト"
    reason_threshold_percent: Annotated[int, Field(ge=0, le=1000)] | None = 20
    licence: Label
    notice: Text
    updated_on: date


# departments.yaml, stages.yaml, projects.yaml, terms.yaml


class DepartmentRow(PlanFileRow, table=catalog.Department):
    """Department; the order of the file is the official order (建制順)."""

    code: Code
    name: Label
    aliases: Annotated[list[Label], TextsMapping(catalog.DepartmentAlias, "label")] = []
    contact: Heading = ""
    editorial_note: str = ""

    def labels(self) -> list[str]:
        return [self.name, *self.aliases]


class CoveredStageRow(PlanFileRow, table=StageComponent, key=("stage", "year_offset")):
    """Plain stage within a combined one; `year_offset` counts from the year of the line (-1: the year before)."""

    stage: Annotated[Code, ColumnMapping("component")]
    year_offset: Annotated[int, Field(ge=-1, le=1)] = 0


class PrintedStageRow(PlanFileRow, table=PrintedStage, key=("document",)):
    """Document whose printed amounts are of the stage; a document stands under one stage at most."""

    document: Annotated[DocumentNumber, ColumnMapping(within=catalog.Plan, by="number")]


class StageRow(PlanFileRow, table=Stage):
    """Budget stage. The order is that of the year.

    `covers` names the stages for which print states one amount, `printed_in` the documents whose amounts are of it.
    """

    code: Code
    name: Label
    role: StageRoleCode
    covers: list[CoveredStageRow] = []
    printed_in: list[PrintedStageRow] = []
    editorial_note: str = ""


class PartRow(PlanFileRow, table=ProjectPart):
    code: Code
    name: Label


class BudgetLineRow(PlanFileRow, table=BudgetLine, key=("fiscal_year", "stage", "kind", "part")):
    """Budget line: an amount in thousand yen, with the document and page that it is printed in (both or neither)."""

    fiscal_year: FiscalYear
    stage: Code
    kind: AmountKindCode = "expenditure"
    part: Annotated[Code | None, ColumnMapping(within=Project)] = None
    amount_thousand_yen: SignedAmountThousandYen
    department: Code
    document: Annotated[int | None, ColumnMapping(within=catalog.Plan, by="number")] = None
    page: Page | None = None
    editorial_note: str = ""


class ChangeReasonRow(PlanFileRow, table=ChangeReason, key=("fiscal_year", "base_year")):
    """Reason why the project's amounts differ from those of an earlier fiscal year, `base_year`."""

    fiscal_year: FiscalYear
    base_year: FiscalYear
    text: Text


class ProjectRow(PlanFileRow, table=Project):
    code: Code
    name: Label
    kana: Annotated[str, StringConstraints(max_length=400)] = ""
    nature: Literal["project", "activity", "heading"] = "project"
    department: Code
    editorial_note: str = ""
    parts: list[PartRow] = []
    budget_lines: list[BudgetLineRow] = []
    change_reasons: list[ChangeReasonRow] = []


class TermRow(PlanFileRow, table=catalog.Term):
    """Synonyms, and their readings; a search for one also finds the others."""

    code: Code
    words: Annotated[list[TermText], Field(min_length=1), TextsMapping(catalog.TermWord, "text", {"is_reading": False})]
    readings: Annotated[list[TermText], TextsMapping(catalog.TermWord, "text", {"is_reading": True})] = []
    editorial_note: str = ""


# document-<number>.yaml


class PrintedPlanFileRow(PlanFileRow):
    """Row printed on a page; `page_to` if it continues or is repeated up to a later page.

    `document` is the number of its document if that is not the one in which the row above is printed.
    """

    code: Code
    document: Annotated[int | None, ColumnMapping(within=catalog.Plan, by="number")] = None
    page: Page
    page_to: Page | None = None
    editorial_note: str = ""


class PassageRow(PrintedPlanFileRow, table=catalog.Passage):
    heading: Heading = ""
    text: str = ""
    passages: list[PassageRow] = []


class PillarItemRow(PrintedPlanFileRow, table=catalog.PillarItem):
    group: Heading = ""
    text: Text
    items: list[PillarItemRow] = []


class PillarRow(PrintedPlanFileRow, table=catalog.Pillar):
    name: Label
    text: Text
    items: list[PillarItemRow] = []


class NamedPartRow(PlanFileRow, table=NamedPart, key=("part",)):
    """Part as an appearance names it: in brackets after the name, or on a line of its own."""

    part: Annotated[Code, ColumnMapping(within=Project)]
    label: Label
    brackets: Annotated[str, StringConstraints(pattern=BRACKETS_PATTERN)] = ""
    repeat: Annotated[bool, ColumnMapping("is_repeat")] = False
    detail: Heading = ""


class AppearanceRow(PrintedPlanFileRow, table=Appearance):
    """One printing of a project, with its printed amount in thousand yen, if any."""

    project: Code
    name: Annotated[Label, ColumnMapping("printed_name")]
    repeat: Annotated[bool, ColumnMapping("is_repeat")] = False
    repeat_before_parts: bool = False
    note: str = ""
    kind: Annotated[AmountKindCode, ColumnMapping("printed_kind")] = "expenditure"
    amount_thousand_yen: Annotated[AmountThousandYen | None, ColumnMapping("printed_amount_thousand_yen")] = None

    def derived(self) -> dict[str, object]:
        return {"printed_kind": ""} if self.amount_thousand_yen is None else {}


class ListingRow(AppearanceRow):
    """Related project under a countermeasure; the heading above it states year and department."""

    parts: list[NamedPartRow] = []


class RelatedProjectsRow(PlanFileRow, table=Appearance, key=("fiscal_year", "department"), is_heading=True):
    """Printed department heading of one fiscal year, with the projects under it."""

    fiscal_year: FiscalYear
    department: PrintedDepartment
    projects: Annotated[list[ListingRow], Field(min_length=1)]


class ComponentRow(AppearanceRow):
    """Component project of a Sakigake project, with the department as printed."""

    fiscal_year: FiscalYear
    department: PrintedDepartment
    parts: list[NamedPartRow] = []


class CountermeasureRow(PrintedPlanFileRow, table=catalog.Countermeasure):
    text: Text
    related_projects: list[RelatedProjectsRow] = []


class GoalRow(PrintedPlanFileRow, table=catalog.Goal):
    keyword: Label
    text: Text
    countermeasures: list[CountermeasureRow] = []


class DomainRow(PrintedPlanFileRow, table=catalog.Domain):
    name: Label
    goals: list[GoalRow] = []


class FutureImageRow(PrintedPlanFileRow, table=catalog.FutureImage):
    text: Text


class AreaRow(PrintedPlanFileRow, table=catalog.Area):
    numeral: Numeral = ""
    name: Label
    future_images: list[FutureImageRow] = []
    domains: list[DomainRow] = []


class PromotionBodyRow(PrintedPlanFileRow, table=catalog.PromotionBody):
    name: Label
    detail: Heading = ""


class PromotionLinkRow(PrintedPlanFileRow, table=catalog.PromotionLink):
    """Labelled arrow between bodies; an end that print leaves open is omitted or explained in an editorial note."""

    label: Label
    source: Annotated[Code | None, ColumnMapping(within=catalog.Plan)] = None
    target: Annotated[Code | None, ColumnMapping(within=catalog.Plan)] = None


class SakigakeProjectRow(PrintedPlanFileRow, table=SakigakeProject):
    """Sakigake project; `code` is the printed number, `overview_page` the page of the list that names them all."""

    code: Annotated[str, StringConstraints(pattern=NUMBER_PATTERN), ColumnMapping(also="number")]
    name: Label
    description: Text
    overview_page: Page | None = None
    components: list[ComponentRow] = []


class InitiativeRow(PrintedPlanFileRow, table=catalog.Initiative):
    text: Text
    mark: RevisionMarkValue = None
    content: str = ""


class PolicyMeasureRow(PrintedPlanFileRow, table=catalog.PolicyMeasure):
    name: Label
    mark: RevisionMarkValue = None
    initiatives: list[InitiativeRow] = []


class PolicyHeadingRow(PrintedPlanFileRow, table=catalog.PolicyHeading):
    name: Label
    note: Heading = ""
    measures: list[PolicyMeasureRow] = []


class StrategySectionRow(PrintedPlanFileRow, table=catalog.StrategySection):
    numeral: Numeral = ""
    name: Label
    headings: list[PolicyHeadingRow] = []


class DocumentFile(PlanFileRow, table=catalog.SourceDocument):
    """Printed document; any document may hold any of the sections."""

    number: DocumentNumber
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


class Folder(PlanFileRow):
    """Plan folder as a whole; one that `read_folder` returns is valid, references included."""

    plan: PlanFile
    departments: list[DepartmentRow]
    stages: list[StageRow]
    projects: list[ProjectRow]
    terms: list[TermRow]
    documents: list[DocumentFile]

    def put_in_order(self) -> None:
        """Sort the lists whose order is not that of print: documents, projects, amounts, Sakigake projects, years."""
        stage_order = {stage.code: position for position, stage in enumerate(self.stages)}
        for stage in self.stages:
            stage.covers.sort(key=lambda covered: (covered.year_offset, stage_order[covered.stage]))
            stage.printed_in.sort(key=lambda printed: printed.document)
        self.documents.sort(key=lambda document: document.number)
        self.projects.sort(key=lambda project: project.code)
        for project in self.projects:
            part_order: dict[str | None, int] = {part.code: position for position, part in enumerate(project.parts)}
            project.budget_lines.sort(
                key=lambda line: (
                    line.fiscal_year,
                    stage_order[line.stage],
                    line.kind,
                    part_order.get(line.part, -1),
                )
            )
            project.change_reasons.sort(key=lambda reason: (reason.fiscal_year, reason.base_year))
        for document in self.documents:
            document.sakigake_projects.sort(key=lambda sakigake: int(sakigake.code))
            for sakigake in document.sakigake_projects:
                sakigake.components.sort(key=lambda component: component.fiscal_year)
            for area in document.areas:
                for domain in area.domains:
                    for goal in domain.goals:
                        for measure in goal.countermeasures:
                            measure.related_projects.sort(key=lambda group: group.fiscal_year)
