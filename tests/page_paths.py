"""Paths of all public pages, for tests that visit every page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

NOT_FOUND = "/no-such-page/"
# Pages that are not in the sitemap; they are for people, not for search engines. Paths that do not answer are skipped.
NOT_IN_SITEMAP = (
    "/admin/login/",
    "/admin/password-reset/",
    f"/search/?q={quote('子育て')}",
    f"/search/?q={quote('デジタル改革')}&kind=project&kind=goal&area=1&page=9",
    f"/search/?q={quote('農業 ないことば')}&department=kyoiku&synonyms=0",
    "/components/",
    "/budgets/compare/?year=2021&base=2021",
    "/budgets/?year=2021&group=department&unit=words",
    f"/budgets/?year=2021&department=kyoiku&area=3&group=sakigake&sort=-amount_thousand_yen&q={quote('教育')}",
    "/budgets/?year=2021&department=kyoku&amount_min=1e9&page=9",
    "/listings/?year=2021&area=1&page=1",
    "/changes/?department=nowhere&set=9&page=9",
)
ONE_OF_EACH_KIND = (
    "/",
    "/plan/",
    "/areas/3/",
    "/domains/3-1/",
    "/goals/3-1-1/",
    "/sakigake/4/",
    "/budgets/check/",
    "/budgets/?year=2021&group=department",
    "/listings/?year=2021",
    "/projects/workation/",
    "/departments/kyoiku/",
    "/promotion/",
    "/strategy/",
    "/sources/2/11/",
    "/search/",
    f"/search/?q={quote('テレワーク')}",
    "/changes/",
    NOT_FOUND,
)

Get = Callable[[str], tuple[int, bytes]]


def list_every_page(get: Get) -> list[str]:
    """Return the paths of all pages of the site, and of one that does not exist."""
    root = ElementTree.fromstring(get("/sitemap.xml")[1])  # noqa: S314  # our own page
    addresses = [str(element.text) for element in root.findall(".//{*}loc")]
    assert len(addresses) > 200, "the sitemap is not the one of the shipped plan"
    unlisted = [path for path in NOT_IN_SITEMAP if get(path)[0] == 200]
    in_sitemap = [urlsplit(address)._replace(scheme="", netloc="").geturl() for address in addresses]
    return list(dict.fromkeys([*in_sitemap, *unlisted, NOT_FOUND]))
