"""The path of one page of each public page kind."""

from __future__ import annotations

from urllib.parse import quote

PATH_BY_KIND = {
    "home": "/",
    "plan": "/plan/",
    "pillars": "/pillars/",
    "pillar": "/pillars/1/",
    "areas": "/areas/",
    "area": "/areas/3/",
    "domain": "/domains/3-1/",
    "goal": "/goals/3-1-1/",
    "projects": "/projects/",
    "project": "/projects/workation/",
    "sakigake projects": "/sakigake/",
    "sakigake project": "/sakigake/4/",
    "budgets": "/budgets/?year=2021",
    "budgets in groups": "/budgets/?year=2021&group=department",
    "budgets by area": "/budgets/?year=2021&group=area",
    "comparison": "/budgets/compare/?year=2021",  # with the year before, where there is one
    "listings": "/listings/?year=2021",
    "check": "/budgets/check/",
    "departments": "/departments/",
    "department": "/departments/kyoiku/",
    "promotion": "/promotion/",
    "strategy": "/strategy/",
    "sources": "/sources/",
    "page of a source": "/sources/2/11/",
    "search, empty": "/search/",
    "search": f"/search/?q={quote('テレワーク')}",
    "changes": "/changes/",
    "not found": "/no-such-page/",
}
