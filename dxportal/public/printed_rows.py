"""The rows of a printed page as HTML, nested as they are printed: how a row is shown depends on its kind.

Every text goes through `escape` or a function that writes safe HTML; what comes of it is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from catalog.models import (
    Area,
    Countermeasure,
    Domain,
    FutureImage,
    Goal,
    Initiative,
    Passage,
    Pillar,
    PillarItem,
    PolicyHeading,
    PolicyMeasure,
    PromotionBody,
    PromotionLink,
    StrategySection,
)
from dxportal.public.templatetags.appearances import printed_below, printed_name
from dxportal.public.templatetags.components import (
    amount,
    editorial_note,
    line_breaks,
    link,
    marked,
    paragraphs,
    sakigake_number,
)
from dxportal.public.tree import Branch
from projects.models import Appearance, Kind, SakigakeProject

Write = Callable[[Any], str]


def printed_rows(branches: Iterable[Branch], *, outermost: bool = True) -> SafeString:
    """Rows under their parents as a list of lists."""
    said: list[str] = []
    heading: tuple[Any, ...] = ()
    for branch in branches:
        if branch.heading and branch.heading != heading:
            heading = branch.heading
            said.append(f'<li class="quiet">【{escape(heading[0])}】</li>')
        note = "" if isinstance(branch.row, Appearance) else editorial_note(branch.row.editorial_note)
        below = printed_rows(branch.children, outermost=False) if branch.children else ""
        said.append(f"<li>{WRITTEN[type(branch.row)](branch.row)} {note}{below}</li>")
    opening = '<ul class="printed">' if outermost else "<ul>"
    return SafeString("\n".join([opening, *said, "</ul>"]))


def kind(words: str) -> str:
    return f'<span class="kind">{escape(words)}</span> '


def text(row: Any) -> str:
    return paragraphs(row.text)


def passage(row: Passage) -> str:
    return (f"<strong>{escape(row.heading)}</strong> " if row.heading else "") + line_breaks(row.text)


def promotion_link(row: PromotionLink) -> str:
    ends = f"（{escape(row.source.name)} → {escape(row.target.name)}）" if row.source and row.target else ""
    return kind(gettext("つながり")) + link(row, row.label) + ends


def sakigake(row: SakigakeProject) -> str:
    named = f"{kind(row.plan.sakigake_label)}{sakigake_number(row.number)} {link(row, row.name)}"
    return f"{named}{paragraphs(row.description)}"


def appearance(row: Appearance) -> str:
    """The name as printed and the amount; a component with its department, which stands behind each of them."""
    is_component = row.sakigake_project_id is not None
    said = [kind(gettext("構成事業等") if is_component else gettext("関連事業")), printed_name(row), " "]
    if row.printed_kind == Kind.LENDING_LIMIT:
        said.append(f"{escape(str(Kind.LENDING_LIMIT.label))}：")
    if row.printed_kind:
        said.append(amount(row.printed_amount_thousand_yen))
    if is_component:
        said.append(f" <span>［{escape(row.printed_department)}］</span>")
    return "".join([*said, " ", printed_below(row)])


WRITTEN: dict[type, Write] = {
    Passage: passage,
    Pillar: lambda row: kind(gettext("施策の柱")) + link(row, row.name) + text(row),
    PillarItem: lambda row: line_breaks(row.text),
    Area: lambda row: kind(gettext("分野")) + link(row, f"{row.numeral} {row.name}"),
    FutureImage: lambda row: kind(gettext("目指すべき将来像")) + line_breaks(row.text),
    Domain: lambda row: kind(gettext("区分")) + link(row, row.name),
    Goal: lambda row: kind(gettext("目標")) + link(row, row.keyword) + text(row),
    Countermeasure: lambda row: kind(gettext("対応策")) + line_breaks(row.text),
    PromotionBody: lambda row: f"{kind(gettext('組織'))}{link(row, row.name)} {escape(row.detail)}",
    PromotionLink: promotion_link,
    SakigakeProject: sakigake,
    Appearance: appearance,
    StrategySection: lambda row: f"<strong>{escape(row.numeral)} {escape(row.name)}</strong>",
    PolicyHeading: lambda row: kind(gettext("施策の柱")) + escape(row.name + row.note),
    PolicyMeasure: lambda row: kind(gettext("施策展開")) + marked(row.name, row.revision_mark),
    Initiative: lambda row: (
        f"{kind(gettext('具体的取組'))}{marked(row.text, row.revision_mark)}{paragraphs(row.content)}"
    ),
}
