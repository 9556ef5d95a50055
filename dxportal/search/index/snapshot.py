"""Per-process snapshot of an index, valid for one version, and the hits of a query in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, reduce
from itertools import chain, islice
from operator import and_, or_

from django.db.models import Q
from pyroaring import FrozenBitMap

from dxportal.search.index.bitmaps import EMPTY, Bounds, lookups_in, make_evaluator, unpack
from dxportal.search.index.documents import Documents
from dxportal.search.index.ngrams import KIND, facet_key
from dxportal.search.index.posting_lists import FACETS_BUCKET, PostingLists


class StaleSnapshotError(Exception):
    """The index has another version by now, written by this process or another one."""


class Snapshot:
    """Bitmaps of all facets and sizes of the long lists, for one index version; two queries.

    Every write sets a new version, even in a preview that is rolled back, and every read of lists selects the version
    in the same statement. So data of two versions is never mixed, whichever process wrote it.
    """

    def __init__(self, documents: Documents, lists: PostingLists) -> None:
        self.documents, self.lists = documents, lists
        self.ngrams, self.limits = documents.ngrams, documents.limits
        self.version, packed = lists.read((), FACETS_BUCKET)
        self.facets = {key: EMPTY.union(*map(unpack, chunks)) for key, chunks in packed.items()}
        self.long_list_sizes = lists.long_lists()
        # Every document has a kind.
        self.ids = EMPTY.union(*(ids for key, ids in self.facets.items() if key.startswith(facet_key(KIND, ""))))

    def require_current(self) -> None:
        """Raise StaleSnapshotError if the index has moved on; one query."""
        if self.lists.version() != self.version:
            raise StaleSnapshotError

    def search(self, condition: Q, tiers: Sequence[Q] = (), filters: Mapping[str, Iterable[str]] | None = None) -> Hits:
        """Search for documents that meet a condition, best first; one query. Raises StaleSnapshotError.

        A hit belongs to the first tier whose condition it meets, or to an additional last one; within a tier hits are
        in the order of ids. `filters`: facets with values, one of which a hit must have.
        """
        return Hits(self, condition, tiers, filters or {})

    def facet_ids(self, name: str, value: str) -> FrozenBitMap:
        return self.facets.get(facet_key(name, value), EMPTY)

    def evaluator(self, conditions: Sequence[Q]) -> Callable[[Q], Bounds]:
        """Return a function that evaluates these conditions on posting lists; one query. Raises StaleSnapshotError.

        For a text of one or two characters the lists are exact; for a longer one they give candidates, which contain
        all its bigrams.
        """
        lookups = {lookup for condition in conditions for lookup in lookups_in(condition)}
        chosen = {lookup: self._chosen_keys(*lookup) for lookup in lookups}
        version, packed = self.lists.read({key for keys, _ in chosen.values() for key in keys})
        if version != self.version:
            raise StaleSnapshotError
        bitmap = cache(lambda key: EMPTY.union(*map(unpack, packed.get(key, ()))))

        def lookup(field: str, text: str) -> Bounds:
            keys, is_exact = chosen[field, text]
            ids = reduce(and_, sorted(map(bitmap, keys), key=len))
            return Bounds.exactly(ids) if is_exact else Bounds(EMPTY, ids)

        return make_evaluator(lookup, self.ids)

    def _chosen_keys(self, lookup: str, text: str) -> tuple[list[str], bool]:
        """Choose the keys to look up, and tell whether they are exact.

        Keys with short lists exclude most and cost least; if there are few, the shortest long lists are added.
        """
        required, optional, is_exact = self.ngrams.keys_for(lookup, text)
        short = [key for key in optional if key not in self.long_list_sizes]
        enough, most = self.limits.short_lists_enough, self.limits.ngrams_per_lookup
        if len(short) < enough:
            return [
                *required,
                *sorted(optional, key=lambda key: self.long_list_sizes.get(key, 0))[: max(enough, most - len(short))],
            ], is_exact
        most = min(len(short), most)
        return [*required, *(short[index * len(short) // most] for index in range(most))], is_exact


class Hits:
    """The hits of a query, evaluated lazily: posting lists leave candidates undecided, whose texts `settle` and
    iteration read as needed.
    """

    def __init__(
        self, snapshot: Snapshot, condition: Q, tiers: Sequence[Q], filters: Mapping[str, Iterable[str]]
    ) -> None:
        self.snapshot, self.limits = snapshot, snapshot.limits
        self.condition, self.tier_conditions = condition, tiers
        self._evaluate = snapshot.evaluator([condition, *tiers])
        self.filters = {
            name: EMPTY.union(*(snapshot.facet_ids(name, value) for value in values))
            for name, values in filters.items()
        }
        self.known_bounds = self._evaluate(condition)  # before filters
        self._tiers: list[Bounds] | None = None
        self.verified: dict[int, int | None] = {}  # tier by verified document; None: no hit
        self.at_once = self.limits.enough_hits + self.limits.spare_texts

    def bounds(self, without_filter: str = "") -> Bounds:
        """Return the bounds known so far, optionally without one of the filters."""
        filters = (ids for name, ids in self.filters.items() if name != without_filter)
        return reduce(and_, map(Bounds.exactly, filters), self.known_bounds)

    def settle(self, enough: int | None = None) -> Hits:
        """Verify candidates until all hits are known, if few texts suffice, or else until `enough` are."""
        if self.known_bounds.undecided:
            for candidates in (self.known_bounds.upper, self._filtered(self.known_bounds.upper)):
                if len(candidates) <= self._verified_for_count:
                    self._tiers = self._read(candidates)
                    return self
        undecided = reduce(or_, (tier.undecided for tier in self.tiers))
        for candidates in (undecided, self._filtered(undecided)):
            if len(candidates) <= self._verified_for_count:
                self._read(candidates)
                return self
        enough = self.limits.enough_hits if enough is None else enough
        while (known := len(self.bounds().lower)) < enough and self._read_on(enough - known):
            pass
        return self

    def __iter__(self) -> Iterator[int]:
        """Yield the ids of all hits, best first, verifying candidates on the way."""
        for index, tier in enumerate(self.tiers):
            for hit in self._filtered(tier.upper):
                if not tier.is_exact and hit not in tier.lower:
                    while hit not in self.verified:
                        self._read_on(self.limits.texts_at_once)
                    if self.verified[hit] != index:
                        continue
                yield hit

    def tier_of(self, hit: int) -> int:
        """Return the index of the tier of a hit that was iterated over."""
        verified = self.verified.get(hit)
        if verified is not None:
            return verified
        return next(index for index, tier in enumerate(self.tiers) if hit in tier.lower)

    def facet_counter(self) -> Callable[[str, str], tuple[int, bool]]:
        """Return a function from facet and value to the number of hits known so far, and whether it is exact.

        The filters of the other facets apply, not that of the facet itself.
        """

        @cache
        def known_hits(without_filter: str) -> tuple[FrozenBitMap, FrozenBitMap]:
            bounds = self.bounds(without_filter)
            return bounds.lower, bounds.undecided

        def count(name: str, value: str) -> tuple[int, bool]:
            lower, undecided = known_hits(name if name in self.filters else "")
            ids = self.snapshot.facet_ids(name, value)
            return lower.intersection_cardinality(ids), not (undecided and undecided.intersect(ids))

        return count

    @property
    def tiers(self) -> list[Bounds]:
        """Bounds of each tier, before filters. Evaluated on posting lists unless `settle` has read all candidates."""
        if self._tiers is None:
            self._tiers = self._divide(self._evaluate)
        return self._tiers

    def _divide(self, evaluate: Callable[[Q], Bounds]) -> list[Bounds]:
        tiers, remaining = [], evaluate(self.condition)
        for condition in self.tier_conditions:
            meeting = evaluate(condition)
            tiers.append(remaining & meeting)
            remaining -= meeting
        return [*tiers, remaining]

    @cached_property
    def _undecided(self) -> Iterator[int]:
        filters = [*self.filters.values()]  # the generator must not refer to self: a cycle would delay freeing it
        return chain.from_iterable(reduce(and_, filters, tier.undecided) for tier in self.tiers)

    def _filtered(self, ids: FrozenBitMap) -> FrozenBitMap:
        return reduce(and_, self.filters.values(), ids)

    @cached_property
    def _verified_for_count(self) -> int:
        is_large = len(self.snapshot.ids) > self.limits.large_index
        return self.limits.verified_for_count_in_large if is_large else self.limits.verified_for_count

    def _read_on(self, missing: int) -> bool:
        """Verify undecided candidates in the order of hits, and return whether there were any.

        Reads as many as likely contain the missing hits, estimated from those read so far, at most twice as many as the
        last time.
        """
        hits = len(self.verified) - list(self.verified.values()).count(None)
        likely = missing * len(self.verified) // hits + self.limits.spare_texts if hits else self.at_once
        unread = (candidate for candidate in self._undecided if candidate not in self.verified)
        batch = list(islice(unread, min(likely, self.at_once)))
        self.at_once = min(2 * self.at_once, self.limits.texts_at_once)
        if batch:
            self._read(batch)
        return bool(batch)

    def _read(self, ids: Iterable[int]) -> list[Bounds]:
        """Verify documents by their texts, record their tiers, and return these; one query."""
        unverified = [candidate for candidate in ids if candidate not in self.verified]
        tiers = self._divide(self.snapshot.documents.evaluator(unverified))
        self.verified |= dict.fromkeys(unverified)
        for index, tier in enumerate(tiers):
            self.verified |= dict.fromkeys(tier.lower, index)
        hits = EMPTY.union(*(tier.lower for tier in tiers))
        lower, upper = self.known_bounds.lower | hits, self.known_bounds.upper - (FrozenBitMap(unverified) - hits)
        self.known_bounds = Bounds(lower, upper) if upper - lower else Bounds.exactly(lower)
        return tiers
