"""Open a fiscal year: copy the appearances of an earlier year, without amounts, into an open set."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.translation import gettext

from dxportal.changesets.models import Change, ChangeSet
from dxportal.changesets.recording import record_changes
from dxportal.changesets.workflow import create_set, replace_changes
from dxportal.money_and_years import fiscal_year
from dxportal.planfiles.primary_keys import derive_primary_key
from projects.models import Appearance, NamedPart


def open_year(user: User, base: int, year: int) -> ChangeSet | None:
    """Create a set that copies the appearances of fiscal year `base` to `year`; None if all of them exist already.

    Primary keys are derived from natural keys, so opening the year twice proposes the same rows.
    """
    changes = record_copies(base, year)
    if not changes:
        return None
    title = gettext("%(year)sを始める（%(base)sの掲載を写す）")
    return replace_changes(
        create_set(user, title % {"year": fiscal_year(year), "base": fiscal_year(base)}, gettext("年度を始める")),
        changes,
    )


def record_copies(base: int, year: int) -> list[Change]:
    with record_changes() as recorder:
        copy_appearances(base, year)
    return recorder.changes


def copy_appearances(base: int, year: int) -> None:
    """Copy the appearances that `year` lacks; amounts are not copied, since none are stated for that year yet."""
    existing = set(Appearance.objects.current().for_year(year).values_list("code", flat=True))
    copies: list[Appearance] = []
    parts: list[NamedPart] = []
    for row in Appearance.objects.current().for_year(base).select_related("plan").prefetch_related("named_parts__part"):
        if row.code in existing:
            continue
        named_parts = list(row.named_parts.all())
        key = (row.plan.code, year, row.code)
        row.pk, row.fiscal_year = derive_primary_key(Appearance, *key), year
        row.printed_kind, row.printed_amount_thousand_yen = "", None
        row.editorial_note = build_copy_note(base, row.editorial_note)
        copies.append(row)
        for named_part in named_parts:
            named_part.pk = derive_primary_key(NamedPart, *key, named_part.part.code)
            named_part.appearance_id = row.pk
            parts.append(named_part)
    Appearance.objects.bulk_create(copies)
    NamedPart.objects.bulk_create(parts)


def build_copy_note(base: int, note: str) -> str:
    """Return the editor's note of a copy, without the one of an earlier copy: carried over from `base`, not printed."""
    not_printed = gettext("この年度の資料はまだない。")
    lines = [line for line in note.split("\n") if line and not line.endswith(not_printed)]
    return "\n".join([*lines, gettext("%(base)sの掲載を引き継いだ。") % {"base": fiscal_year(base)} + not_printed])
