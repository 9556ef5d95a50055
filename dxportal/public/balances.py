"""The tables of the control page: a row for each group, how its printed sum leads to the counted one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from budgets.balances import Balance, Group
from catalog.models import Department
from dxportal.money_and_years import signed, thousands
from dxportal.public.templatetags.components import citation, link, sakigake_number
from projects.models import Appearance, Kind

EMPTY = "<td></td>"


@dataclass(frozen=True)
class BalanceTable:
    """Groups and all together; with a column for what no component speaks of where that is counted too (`outside`)."""

    groups: list[Group]
    everything: Group
    kind: Kind
    outside: bool

    @cached_property
    def labels(self) -> list[str]:
        """Of the columns of figures: those of the balance, those of all components (not in lending limits)."""
        labels = [
            gettext("印刷された額"),
            gettext("引く：再び現れた額"),
            gettext("足す：印刷のない額"),
            gettext("足す：ほかの予算額"),
            gettext("一度ずつ数えた額"),
            gettext("説明のつかない差"),
            gettext("再掲の印"),
            gettext("額の記載なし"),
        ]
        if self.kind != Kind.EXPENDITURE:
            del labels[6:]
        if not self.outside:
            del labels[3]
        return labels

    @property
    def body(self) -> SafeString:
        return SafeString("\n".join(self.row(group) for group in self.groups))

    @property
    def foot(self) -> SafeString:
        return SafeString(self.row(self.everything))

    def row(self, group: Group) -> str:
        is_expenditure = self.kind == Kind.EXPENDITURE
        figures = self.of_balance(group.expenditure if is_expenditure else group.lending_limit)
        if is_expenditure:
            figures += [str(group.repeats), str(group.not_stated)]
        cells = [figure(label, said) for label, said in zip(self.labels, figures, strict=True)]
        places = (group.places if is_expenditure else group.places_of_lending_limit) if group.subject else []
        return f"<tr{self.anchor(group)}>{heading(group)}{''.join(cells)}{cited(places)}</tr>"

    def of_balance(self, balance: Balance) -> list[str]:
        """The figures from print to count; steps are empty where neither states anything."""
        steps = [balance.repeated, balance.unprinted, *([balance.outside] if self.outside else [])]
        said = [thousands(step) if balance.is_stated else "" for step in steps]
        left = "0" if balance.is_stated else ""
        if balance.unexplained:
            left = f'<strong class="alarm-figure">{signed(balance.unexplained)}</strong>'
        return [thousands(balance.printed), *said, thousands(balance.counted), left]

    def anchor(self, group: Group) -> str:
        """Groups are linked to where their expenditure stands."""
        if self.kind != Kind.EXPENDITURE or group.subject is None:
            return ""
        subject = group.subject
        name = f"department-{subject.code}" if isinstance(subject, Department) else f"sakigake-{subject.number}"
        return f' id="{name}"'


def heading(group: Group) -> str:
    subject = group.subject
    if subject is None:
        return f'<th scope="row">{escape(gettext("すべて"))}</th>'
    number = "" if isinstance(subject, Department) else f"{sakigake_number(subject.number)} "
    return f'<th scope="row">{number}{link(subject, subject.name)}</th>'


def figure(label: str, said: str) -> str:
    return f'<td class="number" data-label="{escape(label)}">{said}</td>' if said else EMPTY


def cited(places: Iterable[Appearance]) -> str:
    citations = " ".join(map(citation, places))
    label = escape(gettext("出典"))
    return f'<td data-label="{label}"><div>{citations}</div></td>' if citations else EMPTY
