from catalog.models.areas import Area, Countermeasure, Domain, FutureImage, Goal
from catalog.models.base import Identified, Printed, PrintedQuerySet
from catalog.models.departments import Department, DepartmentAlias
from catalog.models.pillars import Pillar, PillarItem
from catalog.models.plans import Passage, Plan, SourceDocument
from catalog.models.promotion import PromotionBody, PromotionLink
from catalog.models.strategy import Initiative, PolicyHeading, PolicyMeasure, RevisionMark, StrategySection
from catalog.models.terms import Term, TermWord

__all__ = [
    "Area",
    "Countermeasure",
    "Department",
    "DepartmentAlias",
    "Domain",
    "FutureImage",
    "Goal",
    "Identified",
    "Initiative",
    "Passage",
    "Pillar",
    "PillarItem",
    "Plan",
    "PolicyHeading",
    "PolicyMeasure",
    "Printed",
    "PrintedQuerySet",
    "PromotionBody",
    "PromotionLink",
    "RevisionMark",
    "SourceDocument",
    "StrategySection",
    "Term",
    "TermWord",
]
