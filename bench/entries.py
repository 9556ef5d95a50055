"""Entries of the search in any number, made of words as a plan has them: the same for the same seed.

    DATABASE_URL=… .venv/bin/python -m bench.entries 1000000

fills the index of a database that holds a plan, in place of the entries that are there. With `anew` behind the number
it is faster, and a database of SQLite is lost if it is stopped.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import accumulate, pairwise
from multiprocessing import get_context
from operator import add
from typing import Any, NamedTuple
from uuid import UUID

import django

SEED = 20211122
WORDS = 30_000
# Words that are asked for, with the share of texts that hold them; no other word holds them.
COMMON = {"農業": 0.1, "スマート農業": 0.006, "デジタル人材": 0.05, "防災": 0.01, "魁": 0.00002, "薩長同盟": 0.00001}
NAMED = "事業"  # ends a name
PARTICLES = ("の", "を", "に", "と", "による", "のための", "、", "する")
PIECE = 5.1  # characters of a word and what follows it, on the average
SHARES = {
    "project": 0.1,
    "goal": 0.02,
    "countermeasure": 0.08,
    "component": 0.2,
    "listing": 0.5,
    "passage": 0.1,
}

ENTRY = (
    *("row", "model", "kind", "code", "title", "text", "folded_title", "folded_names", "folded", "folded_around"),
    *("url", "place", "facets", "order", "number", "document"),
)
LISTS = ("bucket", "chunk", "lists")

Place = tuple[int, int, str]  # among all entries; its number; its kind
Known = dict[str, list[tuple[str, str]]]  # the values of each facet, with their labels


def vocabulary(chance: random.Random) -> list[str]:
    """Words of two to five characters, kanji and hiragana, none of which holds a character of COMMON."""
    taken = set("".join(COMMON))
    kanji = [chr(code) for code in range(0x4E00, 0x4E00 + 2500) if chr(code) not in taken]
    kana = [chr(code) for code in range(0x3042, 0x3094) if chr(code) not in taken]
    weights = list(accumulate(1 / (place + 20) for place in range(len(kanji))))
    words: list[str] = []
    while len(words) < WORDS:
        word = "".join(chance.choices(kanji, cum_weights=weights, k=chance.choice([2, 2, 2, 3, 4])))
        words.append(word + "".join(chance.choices(kana, k=chance.choice([0, 0, 1, 2]))))
    return words


class Texts:
    """Texts of about a given length, in **pieces**, most of them a word and what stands between it and the next one;
    words are about as frequent as in a language (Zipf).
    """

    def __init__(self, seed: int, part: int) -> None:
        from dxportal.search.folding import fold

        self.words = vocabulary(random.Random(seed))  # noqa: S311  # to be the same every time
        self.weights = list(accumulate(1 / (place + 10) for place in range(WORDS)))
        self.chance = random.Random(f"{seed} {part}")  # noqa: S311  # to be the same every time
        characters = set("".join([*self.words, *COMMON, *PARTICLES, NAMED]))
        self.folding = str.maketrans({character: fold(character).text for character in characters})

    def pieces(self, least: int, most: int) -> list[str]:
        count = round(self.chance.uniform(least, most) / PIECE)
        words = self.chance.choices(self.words, cum_weights=self.weights, k=count)
        return list(map(add, words, self.chance.choices(PARTICLES, k=count)))

    def common(self) -> list[str]:
        return [word for word, share in COMMON.items() if self.chance.random() < share]

    def folded(self, text: str) -> str:
        """As `fold` has it, of characters that are none of them marks of others."""
        return text.translate(self.folding)


class Lists:
    """Which entries have which keys, from the pieces that their texts are made of: what a piece can be looked up by is
    asked once, however many entries it stands in.
    """

    def __init__(self, folded: Callable[[str], str]) -> None:
        self.folded = folded
        self.pieces: dict[str, dict[str, array[int]]] = defaultdict(partial(defaultdict, partial(array, "I")))
        self.keys: dict[str, array[int]] = defaultdict(partial(array, "I"))

    def add(self, number: int, letter: str, pieces: Sequence[str]) -> None:
        """One field of an entry, in the column of this letter."""
        there = self.pieces[letter]
        for piece in pieces:
            there[piece].append(number)
        for before, after in pairwise(pieces):
            there[before[-1] + after[0]].append(number)

    def add_keys(self, number: int, keys: Iterable[str]) -> None:
        for key in keys:
            self.keys[key].append(number)

    def rows(self) -> dict[int, bytes]:
        """As the index stores them, by bucket."""
        from dxportal.search.buckets import grouped
        from dxportal.search.grams import grams_of
        from dxportal.search.numbers import NONE, Numbers, stored

        sets: dict[str, list[Numbers]] = defaultdict(list)
        for letter, pieces in self.pieces.items():
            for piece, numbers in pieces.items():
                some = Numbers(numbers)
                for gram in grams_of(self.folded(piece)):
                    sets[letter + gram].append(some)
        lists = {key: stored(NONE.union(*some).to_array()) for key, some in sets.items()}
        return grouped(lists | {key: stored(numbers) for key, numbers in self.keys.items()}, {})


class Part(NamedTuple):
    """The rows of both tables of the index for one chunk, in the order of ENTRY and LISTS."""

    entries: list[tuple[Any, ...]]
    lists: list[tuple[Any, ...]]


def fill(count: int, seed: int = SEED) -> None:
    """Put `count` entries in place of those of the index, with its lists; chunks are made side by side."""
    from django.db import transaction

    from dxportal.search.labels import labels
    from dxportal.search.models import Entry, Posting
    from dxportal.search.writing import renamed

    known = {str(name): list(values.items()) for name, values in labels().items()}
    with transaction.atomic(), ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=django.setup) as pool:
        for model in (Entry, Posting):
            rows = model.objects.all()
            rows._raw_delete(rows.db)
        for part in pool.map(partial(made, known, seed), places(count)):
            insert(Entry, ENTRY, part.entries)
            insert(Posting, LISTS, part.lists)
        renamed()


def insert(model: Any, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({values})", rows)  # noqa: S608  # ours


def places(count: int) -> Iterator[list[Place]]:
    """The entries of each chunk."""
    from dxportal.search.numbering import spread
    from dxportal.search.numbers import CHUNK

    kinds = [kind for kind, share in SHARES.items() for _ in range(round(count * share))]
    chunks: dict[int, list[Place]] = defaultdict(list)
    for place, (number, kind) in enumerate(zip(spread(len(kinds)), kinds, strict=True)):
        chunks[number // CHUNK].append((place, number, kind))
    yield from chunks.values()


def made(known: Known, seed: int, some: list[Place]) -> Part:
    """Entries of one chunk, whose facets have the `known` values; the same for the same seed."""
    from dxportal.search.numbers import CHUNK

    chunk = some[0][1] // CHUNK
    gc.disable()  # of very many objects none goes before all do
    texts = Texts(seed, chunk)
    lists = Lists(texts.folded)
    entries = [entry_at(place, number, kind, known, texts, lists) for place, number, kind in some]
    return Part(entries, [(bucket, chunk, row) for bucket, row in lists.rows().items()])


def entry_at(place: int, number: int, kind: str, known: Known, texts: Texts, lists: Lists) -> tuple[Any, ...]:
    """The columns of an entry, which is put in the lists."""
    from dxportal.search.buckets import FACET, KIND, key_of
    from dxportal.search.entries import DIGITS, spelling
    from dxportal.search.grams import AROUND, NAMES, TEXT, keys_of

    chance = texts.chance
    is_named = kind in {"project", "component", "listing"}
    title = [*(texts.common() if chance.random() < 0.02 else ()), *texts.pieces(6, 25), *([NAMED] if is_named else ())]
    text = texts.pieces(20, 180)
    cut = chance.randrange(len(text))
    text[cut:cut] = texts.common()
    department, area, year = (chance.choice(known[name]) for name in ("department", "area", "year"))
    facets = [f"department {department[0]}", f"year {year[0]}"]
    if kind != "project":
        facets.insert(0, f"area {area[0]}")
    around = [spelling(area[1]), spelling(department[1])]
    folded_title = texts.folded("".join(title))
    entry = {
        "row": UUID(int=chance.getrandbits(128), version=4).hex,
        "model": f"bench.{kind}",
        "kind": kind,
        "code": f"g{place}",
        "title": "".join(title),
        "text": "".join(text),
        "folded_title": folded_title if is_named else "",
        "folded_names": folded_title if is_named else "",
        "folded": f"{folded_title}\n{texts.folded(''.join(text))}",
        "folded_around": "\n".join(around),
        "url": f"/projects/g{place}/",
        "place": area[1],
        "facets": "\n".join(facets),
        "order": f"{place:0{DIGITS}}",
        "number": number,
        "document": "",
    }
    lists.add(number, TEXT, title)
    lists.add(number, TEXT, text)
    for one in around:
        lists.add(number, AROUND, [one])
    if is_named:
        lists.add(number, NAMES, title)
    lists.add_keys(number, keys_of(f"g{place}", folded_title if is_named else "", ("", "", "")))
    lists.add_keys(number, [key_of(KIND, kind), *map(FACET.__add__, facets)])
    return tuple(entry[name] for name in ENTRY)


def without_care() -> None:
    """A database of SQLite that is being made is made again where something fails: what guards it takes time."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{1 << 20}"):
                cursor.execute(f"PRAGMA {setting}")


if __name__ == "__main__":
    django.setup()
    gc.disable()
    if "anew" in sys.argv[2:]:
        without_care()
    began = time.monotonic()
    fill(int(sys.argv[1]))
    print(f"{sys.argv[1]} entries: {time.monotonic() - began:.0f} s")
