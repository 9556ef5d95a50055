"""Tuning constants of an index."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Constants chosen by measuring; tests pass small ones, so that a few documents reach the cases of many.

    Changing a value of the first group requires a rebuild of the index.
    """

    # Storage
    chunk_ids: int = 1 << 19  # document ids per chunk; a posting list has one bitmap per chunk
    shared_buckets: int = 1 << 16  # rows per chunk for the keys with short lists
    long_list_bytes: int = 1 << 10  # size from which a list has its own row, so that it is read only when needed

    # Writing
    batch_documents: int = 500  # documents whose keys are held in memory at once
    batch_keys: int = 50  # lists changed at once; a long one has 64 KB
    batch_rows: int = 500  # rows per INSERT or UPDATE
    ids_per_free_id: int = 4  # ids after which one stays free for later insertions
    neighbours_at_once: int = 20  # documents read at once to find the next free id
    rebuild_share: int = 4  # an update of more than 1/rebuild_share of all documents rebuilds instead

    # Choosing n-grams
    ngrams_per_lookup: int = 6  # most lists intersected for one text; more exclude hardly any further document
    short_lists_enough: int = 3  # short lists from which on no long one is read

    # Verification
    verified_for_count: int = 500  # most undecided documents whose texts are read for an exact count ...
    large_index: int = 1 << 14  # ... in an index of at most this many documents
    verified_for_count_in_large: int = 100  # the same in a larger index, whose texts are spread over the disk
    enough_hits: int = 100  # known hits at which verification stops if the count is not exact
    spare_texts: int = 10  # texts read beyond the estimated need
    texts_at_once: int = 50_000  # most ids inlined in one statement, so that it stays below a megabyte
