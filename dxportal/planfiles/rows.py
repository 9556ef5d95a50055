"""From a checked folder to rows: model instances whose identity follows from their natural key."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models

from budgets.models import BudgetLine, Stage
from catalog.models import (
    Area,
    Countermeasure,
    Department,
    DepartmentAlias,
    Domain,
    FutureImage,
    Goal,
    Initiative,
    Passage,
    Pillar,
    PillarItem,
    Plan,
    PolicyHeading,
    PolicyMeasure,
    PromotionBody,
    PromotionLink,
    SourceDocument,
    StrategySection,
    Term,
    TermWord,
)
from dxportal.planfiles import schema
from dxportal.planfiles.reading import Folder
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://dxportal.example/catalogue")


def identity(model: type[models.Model], *natural_key: object) -> uuid.UUID:
    """The primary key of a loaded row: the same for the same natural key, on every machine."""
    return uuid.uuid5(NAMESPACE, "/".join([model._meta.label_lower, *map(str, natural_key)]))


def rows_of(folder: Folder) -> list[models.Model]:
    """Every row of the folder, parents before children within each model."""
    return list(Rows(folder).every())


class Rows:
    """Walks a folder as it is nested and yields one instance for each row."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.plan = identity(Plan, folder.plan.code)
        self.departments = {
            label: identity(Department, row.code) for row in folder.departments for label in (row.name, *row.aliases)
        }

    def every(self) -> Iterator[models.Model]:
        yield from self.registers()
        yield from self.terms()
        facts = self.folder.plan.model_dump(exclude={"code"})
        yield Plan(id=self.plan, code=self.folder.plan.code, **facts)
        yield from self.projects()
        for document in self.folder.documents:
            yield from self.document(document)

    def registers(self) -> Iterator[models.Model]:
        for position, row in enumerate(self.folder.departments, 1):
            department = identity(Department, row.code)
            yield Department(
                id=department,
                code=row.code,
                name=row.name,
                contact=row.contact,
                position=position,
                editorial_note=row.editorial_note,
            )
            for number, label in enumerate(row.aliases, 1):
                yield DepartmentAlias(
                    id=identity(DepartmentAlias, label),
                    department_id=department,
                    label=label,
                    position=number,
                )
        for position, stage in enumerate(self.folder.stages, 1):
            yield Stage(
                id=identity(Stage, stage.code),
                code=stage.code,
                name=stage.name,
                is_combined=stage.combined,
                position=position,
                editorial_note=stage.editorial_note,
            )

    def terms(self) -> Iterator[models.Model]:
        for position, row in enumerate(self.folder.terms, 1):
            term = identity(Term, row.code)
            yield Term(id=term, code=row.code, position=position, editorial_note=row.editorial_note)
            for number, text in enumerate([*row.words, *row.readings], 1):
                yield TermWord(
                    id=identity(TermWord, row.code, text),
                    term_id=term,
                    text=text,
                    is_reading=number > len(row.words),
                    position=number,
                )

    def projects(self) -> Iterator[models.Model]:
        for row in self.folder.projects:
            project = identity(Project, row.code)
            yield Project(
                id=project,
                code=row.code,
                name=row.name,
                kana=row.kana,
                nature=row.nature,
                department_id=identity(Department, row.department),
                editorial_note=row.editorial_note,
            )
            for position, part in enumerate(row.parts, 1):
                yield ProjectPart(
                    id=identity(ProjectPart, row.code, part.code),
                    project_id=project,
                    code=part.code,
                    name=part.name,
                    position=position,
                )
            for line in row.budget_lines:
                yield BudgetLine(
                    id=identity(BudgetLine, row.code, line.part or "", line.fiscal_year, line.stage, line.kind),
                    project_id=project,
                    part_id=line.part and identity(ProjectPart, row.code, line.part),
                    fiscal_year=line.fiscal_year,
                    stage_id=identity(Stage, line.stage),
                    kind=line.kind,
                    amount_thousand_yen=line.amount_thousand_yen,
                    department_id=identity(Department, line.department),
                    document_id=self.document_id(line.document) if line.document else None,
                    page=line.page,
                    editorial_note=line.editorial_note,
                )

    def document_id(self, number: int) -> uuid.UUID:
        return identity(SourceDocument, self.folder.plan.code, number)

    def document(self, document: schema.DocumentFile) -> Iterator[models.Model]:
        number = self.document_id(document.number)
        yield SourceDocument(
            id=number,
            plan_id=self.plan,
            number=document.number,
            label=document.label,
            title=document.title,
            page_from=document.page_from,
            page_to=document.page_to,
            repeat_mark=document.repeat_mark,
            editorial_note=document.editorial_note,
        )
        section = DocumentRows(self, number)
        yield from section.passages(document.passages, None)
        yield from section.pillars(document.pillars)
        yield from section.areas(document.areas)
        yield from section.promotion(document.promotion_bodies, document.promotion_links)
        yield from section.sakigake_projects(document.sakigake_projects)
        yield from section.strategy(document.strategy_sections)


class DocumentRows:
    """The rows printed in one document."""

    def __init__(self, rows: Rows, document: uuid.UUID) -> None:
        self.rows = rows
        self.document = document

    def key(self, model: type[models.Model], code: str) -> uuid.UUID:
        return identity(model, self.rows.folder.plan.code, code)

    def place(self, row: schema.PrintedRow, position: int) -> dict[str, Any]:
        """What every printed row has, apart from its identity."""
        return {
            "plan_id": self.rows.plan,
            "document_id": self.document,
            "code": row.code,
            "page": row.page,
            "page_to": row.page_to,
            "position": position,
            "editorial_note": row.editorial_note,
        }

    def printed(self, model: type[models.Model], row: schema.PrintedRow, position: int, **fields: Any) -> models.Model:
        return model(id=self.key(model, row.code), **self.place(row, position), **fields)

    def passages(self, rows: Sequence[schema.PassageRow], parent: uuid.UUID | None) -> Iterator[models.Model]:
        for position, row in enumerate(rows, 1):
            yield self.printed(Passage, row, position, parent_id=parent, heading=row.heading, text=row.text)
            yield from self.passages(row.passages, self.key(Passage, row.code))

    def pillars(self, rows: Sequence[schema.PillarRow]) -> Iterator[models.Model]:
        for position, row in enumerate(rows, 1):
            yield self.printed(Pillar, row, position, name=row.name, text=row.text)
            yield from self.pillar_items(row.items, self.key(Pillar, row.code), None)

    def pillar_items(
        self, rows: Sequence[schema.PillarItemRow], pillar: uuid.UUID, parent: uuid.UUID | None
    ) -> Iterator[models.Model]:
        for position, row in enumerate(rows, 1):
            yield self.printed(
                PillarItem,
                row,
                position,
                pillar_id=pillar,
                parent_id=parent,
                group=row.group,
                text=row.text,
            )
            yield from self.pillar_items(row.items, pillar, self.key(PillarItem, row.code))

    def areas(self, rows: Sequence[schema.AreaRow]) -> Iterator[models.Model]:
        for position, row in enumerate(rows, 1):
            yield self.printed(Area, row, position, numeral=row.numeral, name=row.name)
            area = self.key(Area, row.code)
            for number, image in enumerate(row.future_images, 1):
                yield self.printed(FutureImage, image, number, area_id=area, text=image.text)
            for number, domain in enumerate(row.domains, 1):
                yield self.printed(Domain, domain, number, area_id=area, name=domain.name)
                yield from self.goals(domain.goals, self.key(Domain, domain.code))

    def goals(self, rows: Sequence[schema.GoalRow], domain: uuid.UUID) -> Iterator[models.Model]:
        for position, row in enumerate(rows, 1):
            yield self.printed(Goal, row, position, domain_id=domain, keyword=row.keyword, text=row.text)
            for number, measure in enumerate(row.countermeasures, 1):
                yield self.printed(Countermeasure, measure, number, goal_id=self.key(Goal, row.code), text=measure.text)
                yield from self.listings(measure)

    def listings(self, measure: schema.CountermeasureRow) -> Iterator[models.Model]:
        position = 0
        for group in measure.related_projects:
            for row in group.projects:
                position += 1
                yield from self.appearance(
                    row,
                    position,
                    fiscal_year=group.fiscal_year,
                    department=group.department,
                    countermeasure_id=self.key(Countermeasure, measure.code),
                )

    def sakigake_projects(self, rows: Sequence[schema.SakigakeProjectRow]) -> Iterator[models.Model]:
        for position, row in enumerate(rows, 1):
            yield self.printed(
                SakigakeProject,
                row,
                position,
                number=int(row.code),
                name=row.name,
                description=row.description,
                overview_page=row.overview_page,
            )
            for number, component in enumerate(row.components, 1):
                yield from self.appearance(
                    component,
                    number,
                    fiscal_year=component.fiscal_year,
                    department=component.department,
                    sakigake_project_id=self.key(SakigakeProject, row.code),
                )

    def appearance(
        self,
        row: schema.ListingRow | schema.ComponentRow,
        position: int,
        fiscal_year: int,
        department: str,
        **parent: uuid.UUID,
    ) -> Iterator[models.Model]:
        key = (self.rows.folder.plan.code, fiscal_year, row.code)
        yield Appearance(
            id=identity(Appearance, *key),
            **self.place(row, position),
            **parent,
            fiscal_year=fiscal_year,
            project_id=identity(Project, row.project),
            printed_name=row.name,
            department_id=self.rows.departments[department],
            printed_department=department,
            is_repeat=row.repeat,
            repeat_before_parts=row.repeat_before_parts,
            printed_kind="" if row.amount_thousand_yen is None else row.kind,
            printed_amount_thousand_yen=row.amount_thousand_yen,
            note=row.note,
        )
        for number, part in enumerate(row.parts, 1):
            yield NamedPart(
                id=identity(NamedPart, *key, part.part),
                appearance_id=identity(Appearance, *key),
                part_id=identity(ProjectPart, row.project, part.part),
                label=part.label,
                brackets=part.brackets,
                is_repeat=part.repeat,
                detail=part.detail,
                position=number,
            )

    def promotion(
        self, bodies: Sequence[schema.PromotionBodyRow], links: Sequence[schema.PromotionLinkRow]
    ) -> Iterator[models.Model]:
        for position, body in enumerate(bodies, 1):
            yield self.printed(PromotionBody, body, position, name=body.name, detail=body.detail)
        for position, link in enumerate(links, 1):
            yield self.printed(
                PromotionLink,
                link,
                position,
                label=link.label,
                source_id=link.source and self.key(PromotionBody, link.source),
                target_id=link.target and self.key(PromotionBody, link.target),
            )

    def strategy(self, rows: Sequence[schema.StrategySectionRow]) -> Iterator[models.Model]:
        for position, row in enumerate(rows, 1):
            yield self.printed(StrategySection, row, position, numeral=row.numeral, name=row.name)
            for number, heading in enumerate(row.headings, 1):
                yield self.printed(
                    PolicyHeading,
                    heading,
                    number,
                    section_id=self.key(StrategySection, row.code),
                    name=heading.name,
                    note=heading.note,
                )
                yield from self.policy_measures(heading)

    def policy_measures(self, heading: schema.PolicyHeadingRow) -> Iterator[models.Model]:
        for position, row in enumerate(heading.measures, 1):
            yield self.printed(
                PolicyMeasure,
                row,
                position,
                heading_id=self.key(PolicyHeading, heading.code),
                name=row.name,
                revision_mark=row.mark or "",
            )
            for number, initiative in enumerate(row.initiatives, 1):
                yield self.printed(
                    Initiative,
                    initiative,
                    number,
                    measure_id=self.key(PolicyMeasure, row.code),
                    text=initiative.text,
                    revision_mark=initiative.mark or "",
                    content=initiative.content,
                )
