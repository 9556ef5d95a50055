"""Tables of the check page: a row for each group, with the terms from its printed to its counted sum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext

from budgets.balances import Balance, BalancedGroup
from catalog.models import Department
from dxportal.money_and_years import NOTHING_TO_STATE, money, money_in_caption_unit, signed
from dxportal.public.templatetags.components import alarm_figure
from projects.models import AmountKind, Appearance, SakigakeProject


@dataclass(frozen=True)
class BalanceRow:
    """A row: a group (no subject: the grand total), its figures as (label, figure), and appearances to cite."""

    subject: SakigakeProject | Department | None
    id: str
    figures: list[tuple[str, str]]
    citations: list[Appearance]


@dataclass(frozen=True)
class BalanceTable:
    """Groups and their grand total; `has_outside_lines` adds a column for lines that no component refers to."""

    groups: list[BalancedGroup]
    total_group: BalancedGroup
    kind: AmountKind
    has_outside_lines: bool

    @cached_property
    def labels(self) -> list[str]:
        """Labels of the figures: the terms of the balance, then counts of components (expenditure only)."""
        labels = [
            gettext("資料に記載の額（再掲を含む）"),
            gettext("再掲分"),
            gettext("資料に額の記載がないが予算のあるもの"),
            gettext("構成事業以外の予算額"),
            gettext("再掲を除いた額"),
            gettext("差額（要確認）"),
            gettext("再掲（件）"),
            gettext("額の記載なし（件）"),
        ]
        if self.kind != AmountKind.EXPENDITURE:
            del labels[6:]
        if not self.has_outside_lines:
            del labels[3]
        return labels

    @property
    def rows(self) -> list[BalanceRow]:
        return [self.row(group) for group in self.groups]

    @property
    def grand_total(self) -> BalanceRow:
        """The row of the grand total."""
        return self.row(self.total_group)

    def row(self, group: BalancedGroup) -> BalanceRow:
        if self.kind == AmountKind.EXPENDITURE:
            figures = [*self.write_terms(group.expenditure), str(group.repeats), str(group.not_stated)]
            citations = group.cited_components
        else:
            figures, citations = self.write_terms(group.lending_limit), group.cited_lending_limits
        labelled = list(zip(self.labels, figures, strict=True))
        return BalanceRow(group.subject, self.anchor(group), labelled, citations if group.subject else [])

    def write_terms(self, balance: Balance) -> list[str]:
        """Write the terms from the printed to the counted sum; nothing to state if neither is stated."""
        steps = [balance.repeated, balance.unprinted, *([balance.outside] if self.has_outside_lines else [])]
        nothing = str(NOTHING_TO_STATE)
        terms = [money_in_caption_unit(step) if balance.is_stated else nothing for step in steps]
        difference = money(0) if balance.is_stated else nothing
        if balance.unexplained:
            difference = alarm_figure(signed(balance.unexplained))
        return [money_in_caption_unit(balance.printed), *terms, money_in_caption_unit(balance.counted), difference]

    def anchor(self, group: BalancedGroup) -> str:
        """Return the id of a group's row. Links to a group lead to its expenditure, so other tables have none."""
        if self.kind != AmountKind.EXPENDITURE or group.subject is None:
            return ""
        subject = group.subject
        return f"department-{subject.code}" if isinstance(subject, Department) else f"sakigake-{subject.number}"
