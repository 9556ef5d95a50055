"""Open a fiscal year: copy the appearances of an earlier year, without amounts, into an open set."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.translation import gettext

from dxportal.changesets.models import Change, ChangeSet
from dxportal.changesets.recording import recorded
from dxportal.changesets.workflow import begin, keep
from dxportal.money_and_years import fiscal_year
from dxportal.planfiles.primary_keys import derive_primary_key
from projects.models import Appearance, NamedPart


def open_year(user: User, base: int, year: int) -> ChangeSet | None:
    """Create a set that copies the appearances of fiscal year `base` to `year`; None if all of them exist already.

    Primary keys are derived from natural keys, so opening the year twice proposes the same rows.
    """
    changes = changes_of(base, year)
    if not changes:
        return None
    title = gettext("%(year)sを始める（%(base)sの掲載を写す）")
    return keep(
        begin(user, title % {"year": fiscal_year(year), "base": fiscal_year(base)}, gettext("年度を始める")), changes
    )


def changes_of(base: int, year: int) -> list[Change]:
    with recorded() as recorder:
        copy_appearances(base, year)
    return recorder.changes


def copy_appearances(base: int, year: int) -> None:
    """Copy the appearances that `year` lacks; amounts are not copied, since none are stated for that year yet."""
    there = set(Appearance.objects.current().for_year(year).values_list("code", flat=True))
    copied: list[Appearance] = []
    parts: list[NamedPart] = []
    for row in Appearance.objects.current().for_year(base).select_related("plan").prefetch_related("named_parts__part"):
        if row.code in there:
            continue
        named = list(row.named_parts.all())
        key = (row.plan.code, year, row.code)
        row.pk, row.fiscal_year = derive_primary_key(Appearance, *key), year
        row.printed_kind, row.printed_amount_thousand_yen = "", None
        row.editorial_note = note_of(base, row.editorial_note)
        copied.append(row)
        for one in named:
            one.pk, one.appearance_id = derive_primary_key(NamedPart, *key, one.part.code), row.pk
            parts.append(one)
    Appearance.objects.bulk_create(copied)
    NamedPart.objects.bulk_create(parts)


def note_of(base: int, note: str) -> str:
    """Return the editor's note of a copy, without the one of an earlier copy: carried over from `base`, not printed."""
    not_printed = gettext("この年度の資料はまだない。")
    kept = [line for line in note.split("\n") if line and not line.endswith(not_printed)]
    return "\n".join([*kept, gettext("%(base)sの掲載を引き継いだ。") % {"base": fiscal_year(base)} + not_printed])
