"""The plan that the site shows, its sections, and the day when anything of it was last published."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from catalog.compiled_queries import compiled_query
from catalog.models import Area, Pillar, Plan, PromotionBody, StrategySection
from catalog.models.plans import PlanQuerySet
from dxportal.changesets.models import ChangeSet
from projects.models import SakigakeProject

SECTIONS = {
    "has_pillars": Pillar,
    "has_areas": Area,
    "has_sakigake": SakigakeProject,
    "has_promotion": PromotionBody,
    "has_strategy": StrategySection,
}

# When anything was published last, to be read together with a plan.
LAST_PUBLISHED_AT = Subquery(ChangeSet.objects.published().values("published_at")[:1])


def current_plan() -> Plan | None:
    """The plan with which of its sections there are, for the navigation, and the last publication; one query."""
    return next(iter(current_plans()), None)


@compiled_query
def current_plans() -> PlanQuerySet:
    return Plan.objects.filter(is_current=True).annotate(last_published_at=LAST_PUBLISHED_AT, **has_sections("plan"))


def has_sections(parent: str) -> dict[str, Exists]:
    """For a plan or a document: which sections it holds, as annotations."""
    return {name: Exists(model._default_manager.filter(**{parent: OuterRef("pk")})) for name, model in SECTIONS.items()}


def updated_on(plan: Plan) -> date:
    """When what the site says was last changed: in the plan's folder, or by a publication since.

    The plan has been read with LAST_PUBLISHED_AT as `last_published_at`.
    """
    last = getattr(plan, "last_published_at", None)
    return max(plan.updated_on, timezone.localdate(last)) if last else plan.updated_on
