"""Entries of the search in any number, made of words as a plan has them: the same for the same seed.

    DATABASE_URL=… .venv/bin/python -m bench.entries 1000000

fills the index of a database that holds a plan, in place of the entries that are there.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import accumulate
from multiprocessing import get_context
from typing import Any, NamedTuple
from uuid import UUID

import django

SEED = 20211122
WORDS = 30_000
# Words that are asked for, with the share of texts that hold them; no other word holds them.
COMMON = {"農業": 0.1, "スマート農業": 0.006, "デジタル人材": 0.05, "防災": 0.01, "魁": 0.00002, "薩長同盟": 0.00001}
PARTICLES = ("の", "を", "に", "と", "による", "のための", "、", "する")
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
    *("url", "place", "order", "number", "document"),
)
FACET = ("entry_id", "name", "code")
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
    """Texts of given lengths; words are about as frequent as in a language (Zipf)."""

    def __init__(self, seed: int, part: int) -> None:
        from dxportal.search.folding import fold

        self.words = vocabulary(random.Random(seed))  # noqa: S311  # to be the same every time
        self.weights = list(accumulate(1 / (place + 10) for place in range(WORDS)))
        self.chance = random.Random(f"{seed} {part}")  # noqa: S311  # to be the same every time
        characters = set("".join([*self.words, *COMMON, *PARTICLES, "事業"]))
        self.folding = str.maketrans({character: fold(character).text for character in characters})

    def text(self, length: int) -> str:
        """A text of `length` characters."""
        words = self.chance.choices(self.words, cum_weights=self.weights, k=length // 3 + 1)
        between = self.chance.choices(PARTICLES, k=len(words))
        return "".join(map("".join, zip(words, between, strict=True)))[:length]

    def common(self) -> str:
        return "".join(word for word, share in COMMON.items() if self.chance.random() < share)

    def folded(self, text: str) -> str:
        """As `fold` has it, of characters that are none of them marks of others."""
        return text.translate(self.folding)


class Part(NamedTuple):
    """The rows of the three tables of the index for one chunk, in the order of ENTRY, FACET and LISTS."""

    entries: list[tuple[Any, ...]]
    facets: list[tuple[Any, ...]]
    lists: list[tuple[Any, ...]]


def fill(count: int, seed: int = SEED) -> None:
    """Put `count` entries in place of those of the index, with its lists; chunks are made side by side."""
    from django.db import transaction

    from dxportal.search.labels import labels
    from dxportal.search.models import Entry, EntryFacet, Posting
    from dxportal.search.writing import renamed

    known = {str(name): list(values.items()) for name, values in labels().items()}
    with transaction.atomic(), ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=django.setup) as pool:
        for model in (EntryFacet, Entry, Posting):
            rows = model.objects.all()
            rows._raw_delete(rows.db)
        for part in pool.map(partial(made, known, seed), places(count)):
            insert(Entry, ENTRY, part.entries)
            insert(EntryFacet, FACET, part.facets)
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
    from dxportal.search.buckets import KIND, key_of
    from dxportal.search.grams import keys_of
    from dxportal.search.numbers import CHUNK
    from dxportal.search.writing import rows_of

    chunk = some[0][1] // CHUNK
    texts = Texts(seed, chunk)
    entries, facets = [], []
    keyed: list[tuple[int, Iterable[str]]] = []
    for place, number, kind in some:
        entry, values = entry_at(place, number, kind, known, texts)
        entries.append(tuple(entry[name] for name in ENTRY))
        facets += [(entry["row"], name, code) for name, code in values]
        folded = [entry[name] for name in ("folded", "folded_names", "folded_around")]
        keyed.append((number, keys_of(entry["code"], entry["folded_title"], folded)))
        keyed.append((number, [key_of(KIND, kind), *(key_of(name, code) for name, code in values)]))
    return Part(entries, facets, [(bucket, chunk, row) for bucket, row in rows_of(keyed).items()])


def entry_at(place: int, number: int, kind: str, known: Known, texts: Texts) -> tuple[dict[str, Any], list[Any]]:
    """The columns of an entry, and the values of its facets."""
    from dxportal.search.entries import DIGITS, spelling

    chance = texts.chance
    is_named = kind in {"project", "component", "listing"}
    title = texts.text(chance.randint(6, 25)) + ("事業" if is_named else "")
    if chance.random() < 0.02:
        title = f"{texts.common()}{title}"
    text = texts.text(chance.randint(20, 180))
    cut = chance.randrange(len(text))
    text = text[:cut] + texts.common() + text[cut:]
    department, area, year = (chance.choice(known[name]) for name in ("department", "area", "year"))
    folded_title = texts.folded(title)
    entry = {
        "row": UUID(int=chance.getrandbits(128), version=4).hex,
        "model": f"bench.{kind}",
        "kind": kind,
        "code": f"g{place}",
        "title": title,
        "text": text,
        "folded_title": folded_title if is_named else "",
        "folded_names": folded_title if is_named else "",
        "folded": f"{folded_title}\n{texts.folded(text)}",
        "folded_around": f"{spelling(area[1])}\n{spelling(department[1])}",
        "url": f"/projects/g{place}/",
        "place": area[1],
        "order": f"{place:0{DIGITS}}",
        "number": number,
        "document": "",
    }
    values = [("department", department[0]), ("year", year[0]), *([("area", area[0])] if kind != "project" else [])]
    return entry, values


if __name__ == "__main__":
    django.setup()
    began = time.monotonic()
    fill(int(sys.argv[1]))
    print(f"{sys.argv[1]} entries: {time.monotonic() - began:.0f} s")
