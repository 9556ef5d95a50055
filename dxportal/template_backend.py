"""Django's templates; what a page was made of is let go as soon as the page is written.

Django's context of a request holds itself. All that it holds would wait for Python's collector of unused objects, and
one page of the search in thirty for the collector, for ten milliseconds. Requests and forms still wait for it.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
from django.utils.safestring import SafeString


class Page(Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        around = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            written = self.template.render(around)
        except TemplateDoesNotExist as error:
            reraise(error, self.backend)
        around.dicts.clear()
        return written


class Templates(DjangoTemplates):
    def from_string(self, template_code: str) -> Page:
        return Page(super().from_string(template_code).template, self)

    def get_template(self, template_name: str) -> Page:
        return Page(super().get_template(template_name).template, self)
