"""What every page says about itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalog.models import Area, Pillar, Plan, PromotionBody, StrategySection
from catalog.models.plans import PlanQuerySet
from catalog.statements import prepared
from dxportal.changes.public import LAST_PUBLISHED_AT
from projects.models import SakigakeProject

SECTIONS = {
    "has_pillars": Pillar,
    "has_areas": Area,
    "has_sakigake": SakigakeProject,
    "has_promotion": PromotionBody,
    "has_strategy": StrategySection,
}


def site(request: HttpRequest) -> dict[str, Any]:
    """The current plan, read when a template first asks for it, and the public address of the page."""
    return {"plan": SimpleLazyObject(current_plan), "page_url": settings.SITE_URL + request.path}


def current_plan() -> Plan | None:
    """The plan with which of its sections there are, for the navigation, and the last publication; one query."""
    return next(iter(current_plans()), None)


@prepared
def current_plans() -> PlanQuerySet:
    return Plan.objects.filter(is_current=True).annotate(last_published_at=LAST_PUBLISHED_AT, **has_sections("plan"))


def has_sections(parent: str) -> dict[str, Exists]:
    """For a plan or a document: which sections it holds, as annotations."""
    return {name: Exists(model._default_manager.filter(**{parent: OuterRef("pk")})) for name, model in SECTIONS.items()}
