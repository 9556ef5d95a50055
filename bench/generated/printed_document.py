"""An invented document that prints the projects of earlier years, so that no page of the plan grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Max

from bench.generated.project_names import project_name
from budgets.models import PrintedStage, Stage
from catalog.models import Area, Countermeasure, Domain, Goal, Plan, SourceDocument
from dxportal.planfiles.primary_keys import derive_primary_key
from projects.models import AmountKind, Appearance, Project, SakigakeProject

PREFIX = "g"  # of the codes of what is generated
DOMAINS = 4
GOALS = 5  # of each domain, each with one countermeasure
SAKIGAKE = 2
ROWS_PER_PAGE = 10  # on a page
EDITORIAL_NOTE = "generate_catalogue が作った架空の内容です。"

Amounts = dict[AmountKind, int]


@dataclass(frozen=True)
class Printing:
    """One printing of a project; `page` counts from the first page of the document."""

    year: int
    number: int
    project: int
    page: int
    is_component: bool


@dataclass
class PrintedDocument:
    """The document, the places at which it prints projects, and the amounts that it prints beside them."""

    plan: Plan
    printings: Sequence[Printing]
    amounts: dict[tuple[int, int], Amounts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.last = SourceDocument.objects.filter(plan=self.plan).aggregate(Max("number"), Max("page_to"))
        self.sakigake = SakigakeProject.objects.filter(plan=self.plan).aggregate(last=Max("number"))["last"] or 0
        self.number: int = (self.last["number__max"] or 0) + 1
        self.first_page: int = (self.last["page_to__max"] or 0) + 1
        self.document: UUID = derive_primary_key(SourceDocument, self.plan.code, self.number)
        # The page of a component cites the lines of its project: it prints their sum.
        self.page_by_component = {
            (printing.project, printing.year): printing.page
            for printing in reversed(self.printings)
            if printing.is_component
        }

    def page_of_line(self, project: int, year: int, kind: AmountKind, thousand_yen: int) -> int | None:
        """Add the amount of a line to its printing; return the page that prints it, or None."""
        page = self.page_by_component.get((project, year))
        if page is None:
            return None
        amounts = self.amounts.setdefault((project, year), {})
        amounts[kind] = amounts.get(kind, 0) + thousand_yen
        return self.first_page + page

    def parents(self, stage: Stage) -> Iterator[models.Model]:
        """Yield the document, whose amounts are of a stage, and the rows of its first page, parents of appearances."""
        pages = max((printing.page for printing in self.printings), default=0)
        document = SourceDocument(
            id=self.document,
            plan=self.plan,
            number=self.number,
            label=f"資料{self.number}",
            title="架空の過年度資料",
            page_from=self.first_page,
            page_to=self.first_page + pages,
            editorial_note=EDITORIAL_NOTE,
        )
        yield document
        printed_stage = PrintedStage(document=document, stage=stage)
        printed_stage.pk = derive_primary_key(PrintedStage, *printed_stage.natural_key())
        yield printed_stage
        position = (Area.objects.filter(plan=self.plan).aggregate(last=Max("position"))["last"] or 0) + 1
        yield self.printed_row(Area, PREFIX, position, name="架空の分野", editorial_note=EDITORIAL_NOTE)
        for place in range(1, DOMAINS + 1):
            code = f"{PREFIX}-{place}"
            yield self.printed_row(Domain, code, place, area_id=self.key(Area, PREFIX), name=f"架空の区分{place}")
            for number in range(1, GOALS + 1):
                goal, above = f"{code}-{number}", self.key(Domain, code)
                text = f"{project_name(place * GOALS + number)[0]}により、暮らしと産業を支える。"
                yield self.printed_row(Goal, goal, number, domain_id=above, keyword=f"架空の目標{number}", text=text)
                yield self.printed_row(Countermeasure, f"{goal}-1", 1, goal_id=self.key(Goal, goal), text=text)
        for number in range(self.sakigake + 1, self.sakigake + SAKIGAKE + 1):
            facts = {"number": number, "name": f"架空の重点プロジェクト{number}", "description": EDITORIAL_NOTE}
            yield self.printed_row(SakigakeProject, str(number), number, **facts)

    def appearances(self, projects: dict[int, Project], departments: dict[UUID, str]) -> Iterator[Appearance]:
        """Yield the appearances of the projects; call it after `page_of_line` for every line."""
        goals = [f"{PREFIX}-{domain}-{goal}-1" for goal in range(1, GOALS + 1) for domain in range(1, DOMAINS + 1)]
        positions: Counter[object] = Counter()
        seen: set[object] = set()
        for printing in self.printings:
            parent = (
                {"sakigake_project_id": self.key(SakigakeProject, str(self.sakigake + 1 + printing.number % SAKIGAKE))}
                if printing.is_component
                else {"countermeasure_id": self.key(Countermeasure, goals[printing.number % len(goals)])}
            )
            [above] = parent.values()
            positions[above] += 1
            project = projects[printing.project]
            code = f"{PREFIX}-{'c' if printing.is_component else 'l'}{printing.number}"
            kind, amount = self.printed_amount(printing)
            yield Appearance(
                id=derive_primary_key(Appearance, self.plan.code, printing.year, code),
                **self.printed_fields(code, positions[above], printing.page),
                **parent,
                fiscal_year=printing.year,
                project=project,
                printed_name=project.name,
                department_id=project.department_id,
                printed_department=departments[project.department_id],
                is_repeat=(printing.is_component, printing.year, printing.project) in seen,
                printed_kind=kind,
                printed_amount_thousand_yen=amount,
            )
            seen.add((printing.is_component, printing.year, printing.project))

    def printed_amount(self, printing: Printing) -> tuple[str, int | None]:
        """Return the kind and the amount printed beside a component: the sum of its lines, if there are any."""
        amounts = self.amounts.get((printing.project, printing.year), {}) if printing.is_component else {}
        return next(((kind, amounts[kind]) for kind in AmountKind if kind in amounts), ("", None))

    def key(self, model: type[models.Model], code: str) -> UUID:
        return derive_primary_key(model, self.plan.code, code)

    def printed_fields(self, code: str, position: int, page: int = 0) -> dict[str, Any]:
        return {
            "plan": self.plan,
            "document_id": self.document,
            "code": code,
            "page": self.first_page + page,
            "position": position,
        }

    def printed_row(self, model: type[models.Model], code: str, position: int, **fields: Any) -> models.Model:
        return model(id=self.key(model, code), **self.printed_fields(code, position), **fields)


def make_printings(random: Random, plan: Plan, years: Sequence[int], projects: int) -> Iterator[Printing]:
    """Yield for each year as many listings and components as the plan prints in its latest year."""
    printed = Appearance.objects.filter(plan=plan)
    latest = printed.aggregate(last=Max("fiscal_year"))["last"]
    counts = [printed.for_year(latest).listings().count(), printed.for_year(latest).components().count()]
    page = 0
    for year in years:
        for is_component, count in enumerate(counts):
            for number in range(count):
                page += number % ROWS_PER_PAGE == 0
                yield Printing(year, number + 1, int(random.random() * projects) + 1, page, bool(is_component))
