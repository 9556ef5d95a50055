"""The plan that the site shows, with its sections and the date of its last update."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from catalog.compiled_queries import compiled_query
from catalog.models import Area, Pillar, Plan, PromotionBody, StrategySection
from catalog.models.plans import PlanQuerySet
from dxportal.changesets.models import ChangeSet
from projects.models import SakigakeProject

SECTION_MODELS = {
    "has_pillars": Pillar,
    "has_areas": Area,
    "has_sakigake": SakigakeProject,
    "has_promotion": PromotionBody,
    "has_strategy": StrategySection,
}

# Time of the latest publication, to annotate a plan with.
LAST_PUBLISHED_AT = Subquery(ChangeSet.objects.published().values("published_at")[:1])


def current_plan() -> Plan | None:
    """Return the current plan, annotated with its existing sections and the latest publication; one query."""
    return next(iter(current_plans()), None)


@compiled_query
def current_plans() -> PlanQuerySet:
    sections = section_annotations("plan")
    return Plan.objects.filter(is_current=True).annotate(last_published_at=LAST_PUBLISHED_AT, **sections)


def section_annotations(parent: str) -> dict[str, Exists]:
    """Return boolean annotations that tell which sections a plan or document has; `parent` is the foreign key."""
    of_parent = {parent: OuterRef("pk")}
    return {name: Exists(model._default_manager.filter(**of_parent)) for name, model in SECTION_MODELS.items()}


def last_update_date(plan: Plan) -> date:
    """Return the date of the last update: by the plan folder, or by a later publication.

    The plan must be annotated with LAST_PUBLISHED_AT as `last_published_at`.
    """
    last = getattr(plan, "last_published_at", None)
    return max(plan.updated_on, timezone.localdate(last)) if last else plan.updated_on
