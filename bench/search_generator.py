"""Search documents in any number, made of words as a plan has them; the same seed gives the same documents."""

from __future__ import annotations

import random
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate, groupby, pairwise, product
from typing import NamedTuple

from django.db import transaction
from pyroaring import FrozenBitMap

from dxportal.bulk_insert import RowValues, insert
from dxportal.normalize import fold_text
from dxportal.search.document_sources import SORT_KEY_DIGITS
from dxportal.search.index.ngrams import CODE, FACET, KIND, facet_key, ngrams_of, title_keys
from dxportal.search.labels import read_value_labels
from dxportal.search.models import PostingRow, SearchDocument
from dxportal.search.site_index import site_index

SEED = 20211122
WORDS = 30_000
# Words that queries contain, with the share of texts that contain them; no other word contains any of them.
SHARE_BY_WORD = {
    "農業": 0.1,
    "スマート農業": 0.006,
    "デジタル人材": 0.05,
    "防災": 0.01,
    "魁": 0.00002,
    "薩長同盟": 0.00001,
}
TITLE_END = "事業"  # the last word of each title
PARTICLES = ("の", "を", "に", "と", "による", "のための", "、", "する")
PHRASES = 20_000  # of each length
SHORT_LENGTHS, LONG_LENGTHS = (1, 2), (3, 4, 5)  # words of a phrase of a title, and of a text
PHRASES_PER_TITLE, PHRASES_PER_TEXT = 3, 9  # at most
TITLES = 100_000  # a project is printed again and again
SHARE_BY_KIND = {
    "project": 0.1,
    "goal": 0.02,
    "countermeasure": 0.08,
    "component": 0.2,
    "listing": 0.5,
    "passage": 0.1,
}

COLUMNS = (
    *("row", "model", "kind", "code", "title", "text", "folded_title", "folded_names", "folded", "folded_around"),
    *("url", "place", "facets", "order", "number", "document"),
)
TEXT_LETTER, NAMES_LETTER, AROUND_LETTER = (
    site_index.documents.ngrams.texts[field] for field in ("folded", "folded_names", "folded_around")
)
NAMED_KINDS, CODED_KINDS = frozenset({"project", "component", "listing"}), frozenset({"project", "goal"})

Position = tuple[int, int, str]  # among all entries; the number; the kind
FacetValues = dict[str, list[tuple[str, str]]]  # the values of each facet, with their labels


class FacetValue(NamedTuple):
    """A value of a facet: its term in the index, its label, and the label normalised."""

    facet: str
    label: str
    folded: str


@dataclass(frozen=True, eq=False)  # compared by identity, which is faster in dictionaries
class Context:
    """The area, department and year of documents of a kind: their context and their facets."""

    kind: str
    area: FacetValue
    department: FacetValue
    year: FacetValue

    @cached_property
    def facets(self) -> tuple[str, ...]:
        common = (self.department.facet, self.year.facet)
        return common if self.kind == "project" else (self.area.facet, *common)

    @cached_property
    def folded(self) -> str:
        return f"{self.area.folded}\n{self.department.folded}"


@dataclass(frozen=True, eq=False)
class Title:
    """A title made of phrases, as printed and normalised."""

    phrases: tuple[str, ...]
    printed: str
    folded: str


def make_vocabulary(rng: random.Random) -> list[str]:
    """Make words of two to five kanji and hiragana, without any character of SHARE_BY_WORD."""
    reserved = set("".join(SHARE_BY_WORD))
    kanji = [chr(code) for code in range(0x4E00, 0x4E00 + 2500) if chr(code) not in reserved]
    kana = [chr(code) for code in range(0x3042, 0x3094) if chr(code) not in reserved]
    weights = list(accumulate(1 / (place + 20) for place in range(len(kanji))))
    words: list[str] = []
    while len(words) < WORDS:
        word = "".join(rng.choices(kanji, cum_weights=weights, k=rng.choice([2, 2, 2, 3, 4])))
        words.append(word + "".join(rng.choices(kana, k=rng.choice([0, 0, 1, 2]))))
    return words


class PhraseGenerator:
    """Generator of titles and texts from phrases: words with particles between them, as frequent as in a language
    (Zipf).
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.words = make_vocabulary(rng)
        self.weights = list(accumulate(1 / (place + 10) for place in range(WORDS)))
        self.short, self.long = (
            [self.make_phrase(lengths) for _ in range(PHRASES)] for lengths in (SHORT_LENGTHS, LONG_LENGTHS)
        )
        self.folded = {piece: fold_text(piece) for piece in (*self.short, *self.long, *SHARE_BY_WORD, TITLE_END)}

    def make_phrase(self, lengths: Sequence[int]) -> str:
        count = self.rng.choice(lengths)
        words = self.rng.choices(self.words, cum_weights=self.weights, k=count)
        return "".join(map(str.__add__, words, self.rng.choices(PARTICLES, k=count)))

    def make_title(self) -> Title:
        common = self.draw_shared_words() if self.rng.random() < 0.02 else []
        phrases = (*common, *self.draw(self.short, PHRASES_PER_TITLE), TITLE_END)
        return Title(phrases, "".join(phrases), self.fold(phrases))

    def make_text(self) -> list[str]:
        phrases = self.draw(self.long, PHRASES_PER_TEXT)
        if common := self.draw_shared_words():
            cut = self.rng.randrange(len(phrases))
            phrases[cut:cut] = common
        return phrases

    def draw(self, phrases: Sequence[str], most: int) -> list[str]:
        """Draw one or more phrases, each with the same probability."""
        random_share, count = self.rng.random, len(phrases)
        return [phrases[int(random_share() * count)] for _ in range(1 + int(random_share() * most))]

    def draw_shared_words(self) -> list[str]:
        random_share = self.rng.random
        return [word for word, share in SHARE_BY_WORD.items() if random_share() < share]

    def fold(self, phrases: Iterable[str]) -> str:
        """Normalise the phrases one by one, which gives the same as their whole: none begins with a combining mark."""
        return "".join(map(self.folded.__getitem__, phrases))


class PostingListBuilder:
    """Builder of the posting lists of a chunk. Keys are computed once for each phrase, title and context, however many
    documents contain it.
    """

    def __init__(self) -> None:
        self.phrases: dict[str, dict[str, array[int]]] = defaultdict(partial(defaultdict, partial(array, "I")))
        self.titles: dict[tuple[Title, bool], array[int]] = defaultdict(partial(array, "I"))
        self.contexts: dict[Context, array[int]] = defaultdict(partial(array, "I"))
        self.keys: dict[str, array[int]] = defaultdict(partial(array, "I"))

    def add(self, numbers: Iterable[int], letter: str, phrases: Sequence[str]) -> None:
        """Add the phrases of a field of these documents, under the field's letter."""
        ids_by_phrase = self.phrases[letter]
        for phrase in phrases:
            ids_by_phrase[phrase].extend(numbers)
        for before, after in pairwise(phrases):
            ids_by_phrase[before[-1] + after[0]].extend(numbers)

    def add_keys(self, numbers: Iterable[int], keys: Iterable[str]) -> None:
        for key in keys:
            self.keys[key].extend(numbers)

    def ids_by_key(self) -> dict[str, array[int]]:
        """Return the ids of the documents of each key."""
        for (title, is_named), numbers in self.titles.items():
            self.add(numbers, TEXT_LETTER, title.phrases)
            if is_named:
                self.add(numbers, NAMES_LETTER, title.phrases)
                self.add_keys(numbers, title_keys(title.folded))
        for context, numbers in self.contexts.items():
            self.add(numbers, AROUND_LETTER, (context.area.folded,))
            self.add(numbers, AROUND_LETTER, (context.department.folded,))
            self.add_keys(numbers, (facet_key(KIND, context.kind), *map(FACET.__add__, context.facets)))
        sets: dict[str, list[FrozenBitMap]] = defaultdict(list)
        for letter, phrases in self.phrases.items():
            for phrase, entries in phrases.items():
                ids = FrozenBitMap(entries)
                for gram in ngrams_of(fold_text(phrase)):
                    sets[letter + gram].append(ids)
        return {key: FrozenBitMap.union(*bitmaps).to_array() for key, bitmaps in sets.items()} | self.keys


class DocumentGenerator:
    """Generator of the rows of SearchDocument and of the posting lists of each chunk."""

    def __init__(self, facet_values: FacetValues, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  # to be the same every time
        self.phrases = PhraseGenerator(self.rng)
        self.titles = [self.phrases.make_title() for _ in range(TITLES)]
        areas, departments, years = (
            [FacetValue(f"{name} {code}", label, fold_text(label)) for code, label in facet_values[name]]
            for name in ("area", "department", "year")
        )
        self.contexts = {
            kind: [Context(kind, *values) for values in product(areas, departments, years)] for kind in SHARE_BY_KIND
        }

    def make_row(self, position: int, number: int, kind: str, lists: PostingListBuilder) -> RowValues:
        """Return the values of a document in the order of COLUMNS, and add it to the posting lists."""
        is_named, random_share, contexts = kind in NAMED_KINDS, self.rng.random, self.contexts[kind]
        title, text = self.titles[int(random_share() * TITLES)], self.phrases.make_text()
        context, code, order = contexts[int(random_share() * len(contexts))], "", f"{position:0{SORT_KEY_DIGITS}}"
        lists.titles[title, is_named].append(number)
        lists.contexts[context].append(number)
        lists.add((number,), TEXT_LETTER, text)
        if kind in CODED_KINDS:
            code = f"g{position}"
            lists.add_keys((number,), (CODE + code,))
        names = title.folded if is_named else ""
        return (
            *(f"{self.rng.getrandbits(128):032x}", f"bench.{kind}", kind, code, title.printed, "".join(text)),
            *(names, names, f"{title.folded}\n{self.phrases.fold(text)}", context.folded),
            *(f"/projects/g{position}/", context.area.label, "\n".join(context.facets), order, number, ""),
        )


def fill_index(count: int, seed: int = SEED) -> None:
    """Replace the documents of the index and its posting lists by `count` generated ones."""
    labels = read_value_labels(None)
    entries = DocumentGenerator({str(name): list(values.items()) for name, values in labels.items()}, seed)
    with transaction.atomic():
        for model in (SearchDocument, PostingRow):
            rows = model.objects.all()
            rows._raw_delete(rows.db)
        for chunk, positions in positions_by_chunk(count):
            lists = PostingListBuilder()
            insert(SearchDocument, COLUMNS, (entries.make_row(*position, lists) for position in positions))
            site_index.lists.rebuild(chunk, lists.ids_by_key())
        site_index.lists.advance_version()


def positions_by_chunk(count: int) -> Iterator[tuple[int, Iterable[Position]]]:
    """Group the positions of all documents by chunk, in the order of their numbers."""
    kinds = [kind for kind, share in SHARE_BY_KIND.items() for _ in range(round(count * share))]
    positions = zip(range(len(kinds)), site_index.documents.spread_ids(), kinds, strict=False)
    return groupby(positions, lambda position: position[1] // site_index.limits.chunk_ids)
