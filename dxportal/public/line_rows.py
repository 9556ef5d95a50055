"""Budget lines as rows of a table, each beside what tells it from the others: its project, or its department."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

from projects.models import AmountKind

Teller = Literal["project", "department"]


class Line(NamedTuple):
    """What a row says of a line; `code` and `name` are those of what tells it from the others."""

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
        """As a citation names it; None where the line is not printed."""
        if not self.document_number:
            return None
        return SimpleNamespace(number=self.document_number, label=self.document_label)

    @property
    def kind_label(self) -> Any:
        return AmountKind(self.kind).label


def columns(told_by: Teller, line: str = "") -> list[str]:
    """What a `Line` is read from, in the order of its fields; `line`: where it stands, with `__` behind."""
    names = (
        *("fiscal_year", f"{told_by}__code", f"{told_by}__name", "part__name", "stage__name", "kind"),
        *("amount_thousand_yen", "document__number", "document__label", "page", "editorial_note"),
    )
    return [f"{line}{name}" for name in names]
