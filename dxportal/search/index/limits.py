"""Tuning constants of an index."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Every number that was chosen by measuring; tests hand in small ones to meet in few documents what happens in
    many.

    An index that was written with other values of the first group has to be rebuilt.
    """

    # Storage
    chunk_ids: int = 1 << 19  # document ids whose bitmap is stored in one piece
    shared_buckets: int = 1 << 16  # rows per chunk for the keys with short lists
    long_list_bytes: int = 1 << 10  # size from which a list has a row of its own, so that it is read only when needed

    # Writing
    batch_documents: int = 500  # documents whose keys are held in memory at once
    batch_keys: int = 50  # lists that are changed at once; a long one has 64 KB
    batch_rows: int = 500  # rows in a statement that writes
    ids_per_free_id: int = 4  # ids after which one stays free for a document that comes in between
    neighbours_at_once: int = 20  # documents read at once to find the next free id
    rebuild_share: int = 4  # an update of more than one in so many documents writes whole chunks instead

    # Choosing n-grams
    ngrams_per_lookup: int = 6  # lists that are intersected at most for one text; more exclude hardly a document more
    short_lists_enough: int = 3  # short lists that make reading any long one needless

    # Verification
    verified_for_count: int = 500  # undecided documents whose texts are read so that the count is exact ...
    large_index: int = 1 << 14  # ... in an index of up to so many documents; beyond it texts lie far apart on disk, ...
    verified_for_count_in_large: int = 100  # ... and this many are read
    enough_hits: int = 100  # hits to know before reading stops where not all are counted
    spare_texts: int = 10  # texts read beyond those that likely suffice
    texts_at_once: int = 50_000  # ids in one statement, which may be a megabyte long
