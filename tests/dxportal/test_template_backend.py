"""What a page was made of is let go when the page is written, without the collector of unused objects."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from django.http import HttpRequest
from django.template import TemplateDoesNotExist, engines
from django.template.backends.base import BaseEngine
from django.test import RequestFactory

from dxportal.template_backend import Templates


class Row:
    def __str__(self) -> str:
        return "行"


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def request_of_page() -> HttpRequest:
    return RequestFactory().get("/")


@pytest.fixture
def templates() -> BaseEngine:
    (templates,) = engines.all()
    assert isinstance(templates, Templates)
    return templates


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("source", ["{{ row }}", "{% for one in rows %}{{ one }}{% endfor %}"])
def test_nothing_waits_for_the_collector(templates: BaseEngine, request_of_page: HttpRequest, source: str) -> None:
    row = Row()
    held = weakref.ref(row)
    page = templates.from_string(source)

    assert page.render({"row": row, "rows": [row]}, request_of_page) == "行"

    del row
    assert held() is None


def test_a_template_that_is_not_there_is_told_with_the_engine_that_looked(
    templates: BaseEngine, request_of_page: HttpRequest
) -> None:
    page = templates.from_string('{% include "nowhere.html" %}')

    with pytest.raises(TemplateDoesNotExist) as told:
        page.render({}, request_of_page)

    assert told.value.backend is templates


def test_templates_are_found_by_name(templates: BaseEngine, request_of_page: HttpRequest) -> None:
    page = templates.get_template("500.html")

    assert "<h1" in page.render({}, request_of_page)
