"""The full-text index of the published catalogue."""

from __future__ import annotations

from dxportal.search.index import Index, NGrams
from dxportal.search.models import PostingRow, SearchDocument

site_index = Index(
    SearchDocument,
    PostingRow,
    NGrams(
        texts={"folded": "t", "folded_names": "n", "folded_around": "a"},
        title="folded_title",
        title_within="folded_names",
        code="code",
    ),
)
