"""Names of downloaded files: the table, its filters and the date in Japan."""

from __future__ import annotations

import re

from django.utils import timezone

from dxportal.tables.selections import Selection

MAX_STEM_CHARACTERS = 80  # characters; file systems allow 255 bytes, and a Japanese character takes three in UTF-8
INVALID_IN_FILE_NAMES = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\\/:*?\"<>|.\s]+"
)


def download_name(selection: Selection, extension: str) -> str:
    """Return a name such as `予算額_令和３年度（2021年度）_教育庁_20261124.csv`, valid on every file system."""
    words = [str(selection.table.label), *(word for _, word in selection.conditions)]
    words = [INVALID_IN_FILE_NAMES.sub(" ", word).strip() for word in words]
    stem = "_".join(filter(None, words))[:MAX_STEM_CHARACTERS].strip()
    return f"{stem}_{timezone.localdate():%Y%m%d}.{extension}"
