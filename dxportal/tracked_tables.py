"""Tables of the catalogue: recorded by change sets, stored in plan folders, edited in the admin."""

from __future__ import annotations

from django.db import models

from budgets.models import BudgetLine, ChangeReason, PrintedStage, Stage, StageComponent
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
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

# Parents before children: the order of inserts; deletes run in reverse.
CATALOGUE: tuple[type[models.Model], ...] = (
    Department,
    DepartmentAlias,
    Term,
    TermWord,
    Stage,
    StageComponent,
    Plan,
    SourceDocument,
    PrintedStage,
    Passage,
    Pillar,
    PillarItem,
    Area,
    FutureImage,
    Domain,
    Goal,
    Countermeasure,
    PromotionBody,
    PromotionLink,
    StrategySection,
    PolicyHeading,
    PolicyMeasure,
    Initiative,
    Project,
    ProjectPart,
    SakigakeProject,
    Appearance,
    NamedPart,
    BudgetLine,
    ChangeReason,
)
