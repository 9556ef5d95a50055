"""Public address of a row of each model, kept above the data apps, which know no pages.

Set as ABSOLUTE_URL_OVERRIDES, so that `row.get_absolute_url()` works in templates, the admin and files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def appearance_address(row: Any) -> str:
    """Return the address of an appearance: an anchor on its parent's page, which shows one year at a time."""
    parent = row.countermeasure.goal if row.countermeasure else row.sakigake_project
    return f"{parent.get_absolute_url()}?year={row.fiscal_year}#appearance-{row.code}"


ADDRESSES: dict[str, Callable[[Any], str]] = {
    "catalog.plan": lambda row: "/plan/",
    "catalog.sourcedocument": lambda row: f"/sources/{row.number}/{row.page_from}/",
    "catalog.passage": lambda row: f"/plan/#passage-{row.code}",
    "catalog.pillar": lambda row: f"/pillars/{row.code}/",
    "catalog.pillaritem": lambda row: f"/pillars/{row.pillar.code}/#item-{row.code}",
    "catalog.area": lambda row: f"/areas/{row.code}/",
    "catalog.futureimage": lambda row: f"/areas/{row.area.code}/#future-image-{row.code}",
    "catalog.domain": lambda row: f"/domains/{row.code}/",
    "catalog.goal": lambda row: f"/goals/{row.code}/",
    "catalog.countermeasure": lambda row: f"/goals/{row.goal.code}/#countermeasure-{row.code}",
    "catalog.department": lambda row: f"/departments/{row.code}/",
    "catalog.promotionbody": lambda row: f"/promotion/#body-{row.code}",
    "catalog.promotionlink": lambda row: f"/promotion/#link-{row.code}",
    "catalog.strategysection": lambda row: f"/strategy/#section-{row.code}",
    "catalog.policyheading": lambda row: f"/strategy/#heading-{row.code}",
    "catalog.policymeasure": lambda row: f"/strategy/#measure-{row.code}",
    "catalog.initiative": lambda row: f"/strategy/#initiative-{row.code}",
    "catalog.term": lambda row: f"/search/#term-{row.code}",
    "projects.project": lambda row: f"/projects/{row.code}/",
    "projects.sakigakeproject": lambda row: f"/sakigake/{row.number}/",
    # Rows without a page of their own: the page of their parent.
    "catalog.departmentalias": lambda row: row.department.get_absolute_url(),
    "catalog.termword": lambda row: row.term.get_absolute_url(),
    "projects.projectpart": lambda row: row.project.get_absolute_url(),
    "projects.appearance": appearance_address,
    "projects.namedpart": lambda row: row.appearance.get_absolute_url(),
    "budgets.stage": lambda row: f"/budgets/?stage={row.code}",
    "budgets.printedstage": lambda row: row.document.get_absolute_url(),
    "budgets.budgetline": lambda row: row.project.get_absolute_url(),
    "budgets.changereason": lambda row: row.project.get_absolute_url(),
}
