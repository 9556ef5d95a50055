"""How an appearance is written wherever it stands: its name as printed, what is printed below it, where else it is.

Each gives safe HTML, as pieces.py does.
"""

from __future__ import annotations

from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString

from dxportal.public.templatetags.components import badge, editorial_note, link, paragraphs
from projects.models import Appearance

register = template.Library()


@register.filter
def printed_name(appearance: Appearance, unlinked: str = "") -> SafeString:
    """The name as printed, with its marks of a repeat; `unlinked` on the project's own page."""
    mark = f" {badge(appearance.document.repeat_mark)}"
    name = appearance.printed_name
    said = [escape(name) if unlinked else link(appearance.project, name)]
    if appearance.repeat_before_parts:
        said.append(mark)
    for part in appearance.named_in_brackets:
        said.append(escape(part.label.join(part.brackets)))
        if part.is_repeat:
            said.append(mark)
    if appearance.is_repeat and not appearance.repeat_before_parts:
        said.append(mark)
    return SafeString("".join(said))


@register.filter
def printed_below(appearance: Appearance) -> SafeString:
    """What is printed below the name: parts on lines of their own, a note; and what we noted."""
    said = []
    for part in appearance.named_below:
        mark = f" {badge(appearance.document.repeat_mark)}" if part.is_repeat else ""
        detail = f' <span class="quiet">{escape(part.detail)}</span>' if part.detail else ""
        said.append(f"<li>{escape(part.label)}{mark}{detail}</li>")
    if said:
        said = ["<ul>", *said, "</ul>"]
    if appearance.note:
        said.append(paragraphs(appearance.note))
    return SafeString("\n".join([*said, editorial_note(appearance.editorial_note)]))


@register.filter
def appears_in(appearance: Appearance) -> SafeString:
    """A link to the place where a project appears."""
    if measure := appearance.countermeasure:
        return link(measure, f"{measure.goal.domain.name}／{measure.goal.keyword}")
    sakigake: Any = appearance.sakigake_project
    return link(sakigake, f"{sakigake.plan.sakigake_label} {sakigake}")
