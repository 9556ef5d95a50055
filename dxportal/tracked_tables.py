"""The tables whose rows change sets record, plan folders hold and the admin edits: the catalogue itself."""

from __future__ import annotations

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
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

# Parents before children: the order in which rows are written, and, reversed, deleted.
CATALOGUE: tuple[type[models.Model], ...] = (
    Department,
    DepartmentAlias,
    Term,
    TermWord,
    Stage,
    Plan,
    SourceDocument,
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
)
