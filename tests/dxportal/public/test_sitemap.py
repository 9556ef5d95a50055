from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_sitemap_stands_under_the_public_address(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://portal.example"
    response = client.get("/sitemap.xml")
    root = ElementTree.fromstring(response.content)  # noqa: S314  # our own page
    locations = [element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(locations) == len(set(locations)) == 235
    assert "https://portal.example/goals/1-2-1/" in locations
    assert "https://portal.example/sources/5/27/" in locations
    assert all(str(location).startswith("https://portal.example/") for location in locations)


def test_robots_name_the_sitemap_and_leave_out_the_admin(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text
    assert "Sitemap: http://" in text
