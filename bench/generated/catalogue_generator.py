"""An invented catalogue of any size, added to a loaded plan to see how the portal bears years of budgets.

The same seed, size and plan give the same rows with the same identities, on every machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Max

from bench.generated import budget_lines, project_names
from bench.generated.printed_document import EDITORIAL_NOTE, PREFIX, PrintedDocument, make_printings
from budgets.models import BudgetLine, ChangeReason, Stage, StageComponent, StageRole
from budgets.totals import fiscal_years
from catalog.models import Department, Plan
from catalog.models.base import FISCAL_YEARS
from dxportal.bulk_insert import insert
from dxportal.changesets.models import ChangeSet
from dxportal.planfiles.primary_keys import derive_primary_key
from dxportal.revisions.locks import take_exclusive_lock
from dxportal.revisions.publish import advance_revision
from dxportal.tracked_tables import CATALOGUE
from projects.models import AmountKind, Project, ProjectPart

DIGITS = 6  # of a code
MOST_PROJECTS = 10**DIGITS - 1
MOST_YEARS = 50
SHARE_WITH_PARTS = 0.1  # of projects
PARTS_PER_PROJECT = (2, 3)
ROWS_PER_BATCH = 5_000  # rows that are held in memory before they are written
SHARE_WITH_REASONS = 0.05  # of projects and years that state an amount, as the year before does
REASON = "対象を見直したため（架空の理由）。"
# In the order of the year.
STAGES = {
    "request": ("要求（架空）", StageRole.REQUEST),
    "initial": ("当初（架空）", StageRole.INITIAL),
    "june": ("６月補正（架空）", StageRole.SUPPLEMENTARY),
    "september": ("９月補正（架空）", StageRole.SUPPLEMENTARY),
    "revised": ("９月補正後（架空）", StageRole.REVISED),
    "february": ("２月補正（架空）", StageRole.SUPPLEMENTARY),
    "adjustment": ("流用（架空）", StageRole.ADJUSTMENT),
    "carried-in": ("前年度からの繰越（架空）", StageRole.CARRIED_IN),
    "settlement": ("決算（架空）", StageRole.SETTLEMENT),
    "carried-out": ("翌年度への繰越（架空）", StageRole.CARRIED_OUT),
}

LINE_COLUMNS = (
    *("id", "project_id", "part_id", "fiscal_year", "stage_id", "kind", "amount_thousand_yen", "department_id"),
    *("document_id", "page", "editorial_note"),
)
LineValues = tuple[Any, ...]  # in the order of LINE_COLUMNS


class CannotGenerateError(Exception):
    """Nothing was written; the message says why, in Japanese."""


@dataclass(frozen=True)
class Size:
    """The size of the generated catalogue: projects, budget lines, and fiscal years up to the plan's latest."""

    projects: int
    lines: int
    years: int
    seed: int

    def check(self) -> None:
        bounds = (
            ("--projects", self.projects, 1, MOST_PROJECTS),
            ("--years", self.years, 1, MOST_YEARS),
            ("--lines", self.lines, 0, budget_lines.MAX_AVERAGE * self.projects * self.years),
        )
        for option, value, least, most in bounds:
            if not least <= value <= most:
                raise CannotGenerateError(f"{option} {value} は使えません。{least:,}〜{most:,} の整数にしてください。")


def generate_catalogue(size: Size) -> Counter[type[models.Model]]:
    """Add invented rows in one transaction and return the number of rows of each table.

    Raise CannotGenerateError if the size is impossible, or if the catalogue holds staff's work or generated rows.
    """
    size.check()
    with transaction.atomic():
        take_exclusive_lock()
        plan = current_plan()
        writer = BatchWriter()
        for row in CatalogueGenerator(size, plan).rows():
            writer.add(row)
        writer.flush()
        connection.check_constraints()
        advance_revision(None)
    return writer.written


def current_plan() -> Plan:
    plan = Plan.objects.current()
    if plan is None:
        raise CannotGenerateError("公開中の計画がありません。先に load_plan で読み込んでください。")
    if ChangeSet.objects.exists():
        raise CannotGenerateError(
            "職員の変更のまとまりがあります。架空の数字を混ぜないため、試験用の空のデータベースで動かしてください。"
        )
    if Project.objects.filter(code=project_code(1)).exists():
        raise CannotGenerateError(
            "架空の事業がもうあります。作り直すには、空のデータベースに load_plan で読み込んでから動かしてください。"
        )
    return plan


def project_code(number: int) -> str:
    return f"{PREFIX}{number:0{DIGITS}}"


class CatalogueGenerator:
    """Generator of rows, parents before children."""

    def __init__(self, size: Size, plan: Plan) -> None:
        self.size = size
        self.random = Random(size.seed)  # noqa: S311  # what is drawn is no secret
        self.first_name = int(self.random.random() * project_names.NAMES)
        self.departments = list(Department.objects.in_order())
        last = next(iter(fiscal_years()), plan.period_from)
        self.years = [*range(last - size.years + 1, last + 1)]
        if self.years[0] < FISCAL_YEARS[0]:
            raise CannotGenerateError(f"{self.years[0]}年度は扱えません。--years を小さくしてください。")
        self.document = PrintedDocument(plan, list(make_printings(self.random, plan, self.years[:-1], size.projects)))
        self.printed_numbers = {printing.project for printing in self.document.printings}

    def rows(self) -> Iterator[models.Model | LineValues]:
        separate = self.separate_stages()
        yield from separate.values()
        combined = Stage.objects.filter(components__isnull=False).first()
        if combined is None:
            last = max(stage.position for stage in separate.values())
            combined = self.stage("combined", "当初と６月補正（架空）", StageRole.INITIAL, last + 1)
            yield combined
            yield from self.components(combined, (separate["initial"], separate["june"]))
        stages = budget_lines.Stages(combined, separate)
        yield from self.document.parents(combined)
        shares = budget_lines.split_lines(self.random, self.size.projects * self.size.years, self.size.lines)
        printed_projects: dict[int, Project] = {}
        for number in range(1, self.size.projects + 1):
            project = self.project(number)
            if number in self.printed_numbers:
                printed_projects[number] = project
            yield project
            parts = list(self.parts(project))
            yield from parts
            counts = budget_lines.shuffle(self.random, [next(shares) for _ in self.years])
            yield from self.lines_and_reasons(number, project, parts, counts, stages)
        names = {department.pk: department.name for department in self.departments}
        yield from self.document.appearances(printed_projects, names)

    def separate_stages(self) -> dict[str, Stage]:
        position = Stage.objects.aggregate(last=Max("position"))["last"] or 0
        return {
            code: self.stage(code, name, role, position + number)
            for number, (code, (name, role)) in enumerate(STAGES.items(), 1)
        }

    def stage(self, code: str, name: str, role: StageRole, position: int) -> Stage:
        fields = code_fields(Stage, f"{PREFIX}-{code}")
        return Stage(**fields, name=name, role=role, position=position, editorial_note=EDITORIAL_NOTE)

    def components(self, combined: Stage, covered: Iterable[Stage]) -> Iterator[StageComponent]:
        for stage in covered:
            row = StageComponent(stage=combined, component=stage)
            row.pk = derive_primary_key(StageComponent, *row.natural_key())
            yield row

    def project(self, number: int) -> Project:
        name, kana = project_names.project_name(self.first_name + number)
        return Project(
            **code_fields(Project, project_code(number)),
            name=name,
            kana=kana,
            department=self.departments[int(self.random.random() * len(self.departments))],
            editorial_note=EDITORIAL_NOTE,
        )

    def parts(self, project: Project) -> Iterator[ProjectPart]:
        if self.random.random() < SHARE_WITH_PARTS:
            count = PARTS_PER_PROJECT[int(self.random.random() * len(PARTS_PER_PROJECT))]
            names: list[str] = []
            for position in range(1, count + 1):
                subject = int(self.random.random() * len(project_names.SUBJECTS))
                while (
                    project_names.SUBJECTS[subject % len(project_names.SUBJECTS)][0] in names
                ):  # a project names each part once
                    subject += 1
                names.append(project_names.SUBJECTS[subject % len(project_names.SUBJECTS)][0])
                yield ProjectPart(
                    id=derive_primary_key(ProjectPart, project.code, position),
                    project=project,
                    code=str(position),
                    name=names[-1],
                    position=position,
                )

    def lines_and_reasons(
        self, number: int, project: Project, parts: list[ProjectPart], counts: list[int], stages: budget_lines.Stages
    ) -> Iterator[ChangeReason | LineValues]:
        """Yield the lines of a project, as many in each year as counted, and some reasons for changes.

        The document prints amounts of the combined stage, so that its projects have this.
        """
        is_separate = self.random.random() < budget_lines.SHARE_SEPARATE and number not in self.printed_numbers
        initial = stages.separate["initial"] if is_separate else stages.combined
        lends = self.random.random() < budget_lines.SHARE_LENDING
        kind = AmountKind.LENDING_LIMIT if lends else AmountKind.EXPENDITURE
        carried: int | None = None
        for year, before, count, after in zip(self.years, [0, *counts], counts, [*counts[1:], 0], strict=False):
            may_carry_out = after > 1 and after != len(parts) and kind is AmountKind.EXPENDITURE
            drawn = budget_lines.InventedYear(count, year != self.years[-1], carried, may_carry_out)
            lines = budget_lines.draw_lines(self.random, drawn, kind, parts, initial, stages)
            carried = next((line.amount for line in lines if line.stage.role == StageRole.CARRIED_OUT), None)
            for line in lines:
                is_printed = line.stage is stages.combined
                page = self.document.page_of_line(number, year, line.kind, line.amount) if is_printed else None
                yield self.line_values(project, year, line, page)
            if before and count and self.random.random() < SHARE_WITH_REASONS:
                reason = ChangeReason(project=project, fiscal_year=year, base_year=year - 1, text=REASON)
                reason.pk = derive_primary_key(ChangeReason, *reason.natural_key())
                yield reason

    def line_values(self, project: Project, year: int, line: budget_lines.InventedLine, page: int | None) -> LineValues:
        stage, kind, part, amount = line
        return (
            derive_primary_key(BudgetLine, project.code, part.code if part else "", year, stage.code, kind).hex,
            *(project.pk.hex, part.pk.hex if part else None, year, stage.pk.hex, kind.value, amount),
            *(project.department_id.hex, None if page is None else self.document.document.hex, page, ""),
        )


def code_fields(model: type[models.Model], code: str) -> dict[str, Any]:
    return {"id": derive_primary_key(model, code), "code": code}


def sql_value(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) else value


class BatchWriter:
    """Writer of rows in batches, which keeps memory flat."""

    def __init__(self) -> None:
        self.pending: list[models.Model | LineValues] = []
        self.written: Counter[type[models.Model]] = Counter()

    def add(self, row: models.Model | LineValues) -> None:
        self.pending.append(row)
        if len(self.pending) >= ROWS_PER_BATCH:
            self.flush()

    def flush(self) -> None:
        for model in CATALOGUE:
            names = [field.attname for field in model._meta.concrete_fields]
            rows = [[sql_value(getattr(row, name)) for name in names] for row in self.pending if type(row) is model]
            if rows:
                self.written[model] += insert(model, names, rows)
        self.written[BudgetLine] += insert(
            BudgetLine, LINE_COLUMNS, (row for row in self.pending if isinstance(row, tuple))
        )
        self.pending.clear()
