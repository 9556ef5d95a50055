"""What files are called: the table, what it was narrowed by, and the day in Japan."""

from __future__ import annotations

import re

from django.utils import timezone

from dxportal.tables.selections import Selection

LONGEST = 80  # characters; file systems hold 255 bytes, a Japanese character has three
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\\/:*?\"<>|.\s]+")


def file_name(selection: Selection, extension: str) -> str:
    """`予算額_令和３年度（2021年度）_教育庁_20261124.csv`: only characters that every file system takes."""
    words = [str(selection.table.label), *(word for _, word in selection.conditions)]
    stem = "_".join(filter(None, (UNFIT.sub(" ", word).strip() for word in words)))[:LONGEST].strip()
    return f"{stem}_{timezone.localdate():%Y%m%d}.{extension}"
