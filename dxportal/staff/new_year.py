"""A new fiscal year: the appearances of the year before without their amounts, as a set to be proposed."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.translation import gettext

from dxportal.changesets.models import Change, ChangeSet
from dxportal.changesets.recording import recorded
from dxportal.changesets.workflow import begin, keep
from dxportal.money_and_years import fiscal_year
from dxportal.planfiles.identity import identity
from projects.models import Appearance, NamedPart


def open_year(user: User, base: int, year: int) -> ChangeSet | None:
    """A set that lets every project that appears in `base` appear in `year`; None where all of them do already.

    The rows have the identity that their natural key gives them: whoever opens the year twice proposes the same rows.
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
    """Copy what appears in `base` and not yet in `year`; no amount is copied, for the year has stated none."""
    there = set(Appearance.objects.current().for_year(year).values_list("code", flat=True))
    copied: list[Appearance] = []
    parts: list[NamedPart] = []
    for row in Appearance.objects.current().for_year(base).select_related("plan").prefetch_related("named_parts__part"):
        if row.code in there:
            continue
        named = list(row.named_parts.all())
        key = (row.plan.code, year, row.code)
        row.pk, row.fiscal_year = identity(Appearance, *key), year
        row.printed_kind, row.printed_amount_thousand_yen = "", None
        row.editorial_note = note_of(base, row.editorial_note)
        copied.append(row)
        for one in named:
            one.pk, one.appearance_id = identity(NamedPart, *key, one.part.code), row.pk
            parts.append(one)
    Appearance.objects.bulk_create(copied)
    NamedPart.objects.bulk_create(parts)


def note_of(base: int, note: str) -> str:
    """What the paper does not show: the year itself has not been printed yet; said of the last year alone."""
    not_printed = gettext("この年度の資料はまだない。")
    kept = [line for line in note.split("\n") if line and not line.endswith(not_printed)]
    return "\n".join([*kept, gettext("%(base)sの掲載を引き継いだ。") % {"base": fiscal_year(base)} + not_printed])
