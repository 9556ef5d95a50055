"""What is found, in its order, with as few texts read as can be.

The index knows which entries hold a word of one or two characters, and which may hold a longer one. The texts of those
that may are read: all, where they are at most MOST; else from the first on, about ENOUGH, and more only until a page
is full; then it is said that there are at least as many hits as are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, reduce
from itertools import chain, islice
from operator import and_, or_

from django.utils.translation import gettext

from dxportal.search.buckets import KIND, key_of
from dxportal.search.matching import NO_OTHERS, Once, Others, Reading, holds, nearness
from dxportal.search.models import Kind
from dxportal.search.numbers import NONE, Between, Numbers
from dxportal.search.postings import Lists, Needed
from dxportal.search.queries import Query
from dxportal.search.state import State, lists_for
from dxportal.search.texts import Texts

MOST = 500  # entries whose texts are read to count them ...
MANY, MOST_OF_MANY = 1 << 14, 100  # ... where there are so many that their texts lie far apart
ENOUGH = 100  # texts that are read at first where there are more
MARGIN = 10  # texts that are read beyond those that likely do
MOST_AT_ONCE = 50_000  # numbers in a statement, which may be a megabyte long

Chosen = Mapping[str, Iterable[str]]
NOTHING_CHOSEN: Chosen = {}


class Count(int):
    """How many entries there are; where not all were counted, at least how many."""

    is_exact: bool

    def __new__(cls, count: int, is_exact: bool = True) -> Count:
        one = super().__new__(cls, count)
        one.is_exact = is_exact
        return one

    @classmethod
    def of(cls, found: Between) -> Count:
        return cls(len(found.surely), not found.doubtful)

    @property
    def words(self) -> str:
        """In words; nothing where nothing is known."""
        return counting()(self)


def counting() -> Callable[[Count], str]:
    """What tells counts in words as `Count.words` does: its own are asked for once for all of them."""
    exactly, at_least = gettext("%(count)s件"), gettext("%(count)s件以上")

    def told(count: Count) -> str:
        return (exactly if count.is_exact else at_least) % {"count": f"{count:,}"} if count or count.is_exact else ""

    return told


def tiers(query: Query, others: Others, reading: Reading) -> list[Between]:
    """The entries in the order of `ranked`: those of each rank, found as it was typed, then through other spellings."""
    reading = Once(reading)
    direct = holds(query, reading=reading)
    near = nearness(query, others, reading)
    found = []
    for left in [direct, reading.without(holds(query, others, reading), direct)] if others else [direct]:
        for condition in near:
            found.append(left & condition)
            left = reading.without(left, condition)
        found.append(left)
    return found


def keys_of(query: Query, others: Others, state: State) -> set[str]:
    """Of the lists that it takes to answer a query."""
    needed = Needed(state.long)
    tiers(query, others, needed)
    return needed.keys


class Hits:
    """The entries that a query means, and of these the ones for which all holds that is chosen of facets."""

    def __init__(
        self,
        query: Query,
        others: Others = NO_OTHERS,
        chosen: Chosen = NOTHING_CHOSEN,
        there: tuple[Lists, State] | None = None,
    ) -> None:
        """`there`: the lists that it takes, where they have been read; else one query."""
        self.query, self.others = query, others
        lists, self.state = there or lists_for(lambda state: keys_of(query, others, state))
        self.facets = self.state.facets
        self.lists = Once(lists)
        self.narrowing = {name: self.of_facet(name, codes) for name, codes in chosen.items()}
        # What the query means, and of entries that have been read the place of their tier; none, where it is not meant.
        self.known: Between = holds(query, others, self.lists)
        self.tier_of: dict[int, int | None] = {}
        self.at_once = ENOUGH + MARGIN

    @cached_property
    def tiers(self) -> list[Between]:
        """As far as the lists know them, which is not asked where texts are read that tell."""
        return tiers(self.query, self.others, self.lists)

    @cached_property
    def in_doubt(self) -> Iterator[int]:
        narrowing = [*self.narrowing.values()]  # and not these hits, which would not be freed for holding themselves
        return chain.from_iterable(reduce(and_, narrowing, tier.doubtful) for tier in self.tiers)

    def of_facet(self, name: str, codes: Iterable[str]) -> Numbers:
        """The entries that have any of the values."""
        return reduce(or_, (self.facets[key_of(name, code)] for code in codes), NONE)

    def narrowed(self, numbers: Numbers) -> Numbers:
        """Those for which all that is chosen holds."""
        return reduce(and_, self.narrowing.values(), numbers)

    def found(self, leaving_out: str = "") -> Between:
        """What is found, as far as it is known by now; with one facet left out."""
        found = self.known
        for name, entries in self.narrowing.items():
            if name != leaving_out:
                found &= Between.exactly(entries)
        return found

    def counting(self) -> Callable[[str, str], Count]:
        """What tells how many of a value of a facet are found by now, with what is chosen of the other facets."""

        @cache
        def without(name: str) -> tuple[Numbers, Numbers]:
            found = self.found(leaving_out=name)
            return found.surely, found.doubtful

        def count(name: str, code: str) -> Count:
            surely, doubtful = without(name if name in self.narrowing else "")
            entries = self.facets[key_of(name, code)]
            is_exact = not (doubtful and doubtful.intersect(entries))
            return Count(surely.intersection_cardinality(entries), is_exact)

        return count

    def settle(self, most: int = ENOUGH) -> None:
        """Read what is needed to know all hits, or at least `most` of them."""
        if self.known.doubtful:
            for some in (self.known.maybe, self.narrowed(self.known.maybe)):
                if len(some) <= self.few:
                    self.tiers = self.read(some)
                    return
        doubtful = reduce(or_, (tier.doubtful for tier in self.tiers))
        for some in (doubtful, self.narrowed(doubtful)):
            if len(some) <= self.few:
                self.read(some)
                return
        while (known := len(self.found().surely)) < most and self.read_on(most - known):
            pass

    @cached_property
    def few(self) -> int:
        """How many texts are read in order to count."""
        entries = sum(len(self.facets[key_of(KIND, kind)]) for kind in Kind)
        return MOST_OF_MANY if entries > MANY else MOST

    def read_on(self, missing: int = MOST_AT_ONCE) -> bool:
        """Read texts that are in doubt, in the order of results, as many as likely hold the `missing` hits, and at most
        twice as many as before; whether there were any."""
        hits = len(self.tier_of) - list(self.tier_of.values()).count(None)
        likely = missing * len(self.tier_of) // hits + MARGIN if hits else self.at_once
        some = list(
            islice((number for number in self.in_doubt if number not in self.tier_of), min(likely, self.at_once))
        )
        self.at_once = min(2 * self.at_once, MOST_AT_ONCE)
        if some:
            self.read(some)
        return bool(some)

    def read(self, numbers: Iterable[int]) -> list[Between]:
        """Read the texts of entries, and tell their tiers; one query."""
        asked = {number for number in numbers if number not in self.tier_of}
        texts = Texts.read(asked)
        found = [texts.numbered(tier.surely) for tier in tiers(self.query, self.others, texts)]
        self.tier_of |= dict.fromkeys(asked)
        for place, some in enumerate(found):
            self.tier_of |= dict.fromkeys(some, place)
        held = Numbers(chain.from_iterable(found))
        surely = self.known.surely | held
        maybe = self.known.maybe - (Numbers(asked) - held)
        self.known = Between(surely, maybe) if maybe - surely else Between.exactly(surely)
        return [Between.exactly(Numbers(some)) for some in found]

    def is_direct(self, number: int) -> bool:
        """Whether a hit holds what was typed, and not only other spellings of it."""
        if not self.others:
            return True
        ranks = len(self.tiers) // 2
        place = self.tier_of.get(number)
        return any(number in tier.surely for tier in self.tiers[:ranks]) if place is None else place < ranks

    def in_order(self) -> Iterator[int]:
        """All hits; texts are read as they are come to."""
        for place, tier in enumerate(self.tiers):
            for number in self.narrowed(tier.maybe):
                if not tier.is_exact and number not in tier.surely:
                    while number not in self.tier_of:
                        self.read_on()
                    if self.tier_of[number] != place:
                        continue
                yield number

    def counted(self, queries: Sequence[Query]) -> list[Count]:
        """For each of other queries how many entries it means, with the same spellings; two queries."""
        if not queries:
            return []
        needed = Needed(self.state.long)
        for query in queries:
            holds(query, self.others, needed)
        lists = Lists.read(needed.keys, self.state.long)
        found = [holds(query, self.others, lists) for query in queries]
        asked = [list(islice(one.doubtful, self.few)) for one in found]
        texts = Texts.read({*chain.from_iterable(asked)})
        read = [set(texts.numbered(holds(query, self.others, texts).surely)) for query in queries]
        return [
            Count(len(one.surely) + len(held.intersection(some)), len(some) == len(one.doubtful))
            for one, some, held in zip(found, asked, read, strict=True)
        ]
