"""Budget lines as table rows, each with its distinguishing column: its project or its department."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

from projects.models import AmountKind

LabelRelation = Literal["project", "department"]


class BudgetLineEntry(NamedTuple):
    """A budget line as shown; `code` and `name` are those of its project or department."""

    fiscal_year: int
    code: str
    name: str
    part: str | None
    stage: str
    kind: str
    thousand_yen: int
    document_number: int | None
    document_label: str | None
    page: int | None
    editorial_note: str

    @property
    def document(self) -> SimpleNamespace | None:
        """The document with the attributes that a citation needs; None if the line is not printed."""
        if not self.document_number:
            return None
        return SimpleNamespace(number=self.document_number, label=self.document_label)

    @property
    def kind_label(self) -> Any:
        return AmountKind(self.kind).label


def budget_line_fields(label_relation: LabelRelation, line: str = "") -> list[str]:
    """Return the lookup paths of the fields of `BudgetLineEntry`, in their order.

    `line` is the prefix that leads to the budget line, with `__`.
    """
    names = (
        *("fiscal_year", f"{label_relation}__code", f"{label_relation}__name", "part__name", "stage__name", "kind"),
        *("amount_thousand_yen", "document__number", "document__label", "page", "editorial_note"),
    )
    return [f"{line}{name}" for name in names]
