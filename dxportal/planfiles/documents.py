"""The documents of a plan, from the catalogue back to the rows of a folder, nested as printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any, TypeVar, cast

from django.db import models

from catalog.models import (
    Area,
    Countermeasure,
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
)
from dxportal.planfiles import schema
from projects.models import Appearance, SakigakeProject

Row = TypeVar("Row", bound=models.Model)


class Documents:
    """The documents of a plan, with every printed row under its parent."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.children: dict[tuple[type[models.Model], str, Any], list[Any]] = defaultdict(list)
        self.gather(Passage, "parent", "document")
        self.gather(Pillar, "document")
        self.gather(PillarItem, "parent", "pillar")
        self.gather(Area, "document")
        self.gather(FutureImage, "area")
        self.gather(Domain, "area")
        self.gather(Goal, "domain")
        self.gather(Countermeasure, "goal")
        self.gather(PromotionBody, "document")
        self.gather(PromotionLink.objects.select_related("source", "target"), "document")
        self.gather(StrategySection, "document")
        self.gather(PolicyHeading, "section")
        self.gather(PolicyMeasure, "heading")
        self.gather(Initiative, "measure")
        self.gather(SakigakeProject, "document")
        appearances = Appearance.objects.with_names().order_by("fiscal_year", "position", "code")
        self.gather(appearances, "countermeasure", "sakigake_project")

    def gather(self, rows: type[models.Model] | models.QuerySet[Any], *parents: str) -> None:
        """Sort the rows of a model under the first of the parents that they have."""
        queryset = rows if isinstance(rows, models.QuerySet) else rows._default_manager.all()
        for row in queryset.filter(plan=self.plan):
            for parent in parents:
                key = getattr(row, f"{parent}_id")
                if key is not None:
                    self.children[queryset.model, parent, key].append(row)
                    break

    def under(self, model: type[Row], parent: str, row: models.Model) -> list[Row]:
        return self.children[model, parent, row.pk]

    def every(self) -> list[schema.DocumentFile]:
        return [self.document(row) for row in SourceDocument.objects.filter(plan=self.plan)]

    def document(self, row: SourceDocument) -> schema.DocumentFile:
        return schema.DocumentFile.model_construct(
            number=row.number,
            label=row.label,
            title=row.title,
            page_from=row.page_from,
            page_to=row.page_to,
            repeat_mark=row.repeat_mark,
            editorial_note=row.editorial_note,
            passages=self.passages(self.under(Passage, "document", row)),
            pillars=[
                printed(
                    schema.PillarRow,
                    pillar,
                    name=pillar.name,
                    text=pillar.text,
                    items=self.pillar_items(self.under(PillarItem, "pillar", pillar)),
                )
                for pillar in self.under(Pillar, "document", row)
            ],
            areas=[self.area(area) for area in self.under(Area, "document", row)],
            promotion_bodies=[
                printed(schema.PromotionBodyRow, body, name=body.name, detail=body.detail)
                for body in self.under(PromotionBody, "document", row)
            ],
            promotion_links=[
                printed(
                    schema.PromotionLinkRow,
                    link,
                    label=link.label,
                    source=link.source.code if link.source else None,
                    target=link.target.code if link.target else None,
                )
                for link in self.under(PromotionLink, "document", row)
            ],
            sakigake_projects=[
                printed(
                    schema.SakigakeProjectRow,
                    project,
                    name=project.name,
                    description=project.description,
                    overview_page=project.overview_page,
                    components=[
                        self.appearance(
                            schema.ComponentRow,
                            component,
                            fiscal_year=component.fiscal_year,
                            department=component.printed_department,
                        )
                        for component in self.under(Appearance, "sakigake_project", project)
                    ],
                )
                for project in self.under(SakigakeProject, "document", row)
            ],
            strategy_sections=[
                printed(
                    schema.StrategySectionRow,
                    section,
                    numeral=section.numeral,
                    name=section.name,
                    headings=[
                        self.policy_heading(heading) for heading in self.under(PolicyHeading, "section", section)
                    ],
                )
                for section in self.under(StrategySection, "document", row)
            ],
        )

    def passages(self, rows: Iterable[Passage]) -> list[schema.PassageRow]:
        return [
            printed(
                schema.PassageRow,
                row,
                heading=row.heading,
                text=row.text,
                passages=self.passages(self.under(Passage, "parent", row)),
            )
            for row in rows
        ]

    def pillar_items(self, rows: Iterable[PillarItem]) -> list[schema.PillarItemRow]:
        return [
            printed(
                schema.PillarItemRow,
                row,
                group=row.group,
                text=row.text,
                items=self.pillar_items(self.under(PillarItem, "parent", row)),
            )
            for row in rows
        ]

    def area(self, row: Area) -> schema.AreaRow:
        return printed(
            schema.AreaRow,
            row,
            numeral=row.numeral,
            name=row.name,
            future_images=[
                printed(schema.FutureImageRow, image, text=image.text) for image in self.under(FutureImage, "area", row)
            ],
            domains=[
                printed(
                    schema.DomainRow,
                    domain,
                    name=domain.name,
                    goals=[self.goal(goal) for goal in self.under(Goal, "domain", domain)],
                )
                for domain in self.under(Domain, "area", row)
            ],
        )

    def goal(self, row: Goal) -> schema.GoalRow:
        return printed(
            schema.GoalRow,
            row,
            keyword=row.keyword,
            text=row.text,
            countermeasures=[
                printed(
                    schema.CountermeasureRow,
                    measure,
                    text=measure.text,
                    related_projects=self.related_projects(measure),
                )
                for measure in self.under(Countermeasure, "goal", row)
            ],
        )

    def related_projects(self, measure: Countermeasure) -> list[schema.RelatedProjectsRow]:
        listings = self.under(Appearance, "countermeasure", measure)
        headings = groupby(listings, key=lambda row: (row.fiscal_year, row.printed_department))
        return [
            schema.RelatedProjectsRow.model_construct(
                fiscal_year=year,
                department=department,
                projects=[self.appearance(schema.ListingRow, row) for row in rows],
            )
            for (year, department), rows in headings
        ]

    def appearance(self, shape: Any, row: Appearance, **fields: Any) -> Any:
        stated = {"kind": row.printed_kind} if row.printed_kind else {}
        return printed(
            shape,
            row,
            project=row.project.code,
            name=row.printed_name,
            repeat=row.is_repeat,
            repeat_before_parts=row.repeat_before_parts,
            note=row.note,
            amount_thousand_yen=row.printed_amount_thousand_yen,
            parts=[
                schema.NamedPartRow.model_construct(
                    part=named.part.code,
                    label=named.label,
                    brackets=named.brackets,
                    repeat=named.is_repeat,
                    detail=named.detail,
                )
                for named in row.named_parts.all()
            ],
            **stated,
            **fields,
        )

    def policy_heading(self, row: PolicyHeading) -> schema.PolicyHeadingRow:
        return printed(
            schema.PolicyHeadingRow,
            row,
            name=row.name,
            note=row.note,
            measures=[
                printed(
                    schema.PolicyMeasureRow,
                    measure,
                    name=measure.name,
                    mark=measure.revision_mark or None,
                    initiatives=[
                        printed(
                            schema.InitiativeRow,
                            initiative,
                            text=initiative.text,
                            mark=initiative.revision_mark or None,
                            content=initiative.content,
                        )
                        for initiative in self.under(Initiative, "measure", measure)
                    ],
                )
                for measure in self.under(PolicyMeasure, "heading", row)
            ],
        )


Shape = TypeVar("Shape", bound=schema.PrintedRow)


def printed(shape: type[Shape], row: Any, **fields: Any) -> Shape:
    """A row of the folder with its code, place and note; values from the tables need no second check."""
    fields |= {
        "code": row.code,
        "page": row.page,
        "page_to": row.page_to,
        "editorial_note": row.editorial_note,
    }
    return cast(Shape, shape.model_construct(**fields))
