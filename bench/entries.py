"""Entries of the search in any number, made of words as a plan has them: the same for the same seed.

    DATABASE_URL=… .venv/bin/python -m bench.entries 1000000

fills the index of a database that holds a plan, in place of the entries that are there.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Any
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
BATCH = 2000


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

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  # to be the same every time
        self.words = vocabulary(self.chance)
        self.weights = list(accumulate(1 / (place + 10) for place in range(WORDS)))

    def text(self, length: int) -> str:
        """A text of `length` characters."""
        words = self.chance.choices(self.words, cum_weights=self.weights, k=length // 3 + 1)
        between = self.chance.choices(PARTICLES, k=len(words))
        return "".join(map("".join, zip(words, between, strict=True)))[:length]

    def common(self) -> str:
        return "".join(word for word, share in COMMON.items() if self.chance.random() < share)


def fill(count: int, seed: int = SEED) -> None:
    """Put `count` entries in place of those of the index, and build its lists."""
    from django.db import transaction

    from dxportal.search.models import Entry, EntryFacet, Posting
    from dxportal.search.postings import bring_up, chunks_there

    with transaction.atomic():
        for model in (EntryFacet, Entry, Posting):
            rows = model.objects.all()
            rows._raw_delete(rows.db)
        made = entries(count, seed)
        while some := list(islice(made, BATCH)):
            Entry.objects.bulk_create([entry for entry, _ in some])
            EntryFacet.objects.bulk_create([facet for _, facets in some for facet in facets])
    for chunk in chunks_there():
        with transaction.atomic():
            bring_up([chunk])


def entries(count: int, seed: int = SEED) -> Iterator[tuple[Any, list[Any]]]:
    """In their order, each with its facets, whose values are those of the plan that the database holds."""
    from django.http import QueryDict

    from dxportal.search.entries import DIGITS, folded
    from dxportal.search.facets import Narrowed
    from dxportal.search.folding import fold
    from dxportal.search.models import Entry, EntryFacet
    from dxportal.search.numbering import spread

    known = {str(name): list(values.items()) for name, values in Narrowed(QueryDict()).known.items()}
    texts = Texts(seed)
    chance = texts.chance
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(count * share))]
    for place, (kind, number) in enumerate(zip(kinds, spread(len(kinds)), strict=True)):
        row = UUID(int=chance.getrandbits(128), version=4)
        is_named = kind in {"project", "component", "listing"}
        title = texts.text(chance.randint(6, 25)) + ("事業" if is_named else "")
        if chance.random() < 0.02:
            title = f"{texts.common()}{title}"
        text = texts.text(chance.randint(20, 180))
        cut = chance.randrange(len(text))
        text = text[:cut] + texts.common() + text[cut:]
        department, area, year = (chance.choice(known[name]) for name in ("department", "area", "year"))
        names = title if is_named else ""
        entry = Entry(
            row=row,
            model=f"bench.{kind}",
            kind=kind,
            code=f"g{place}",
            title=title,
            text=text,
            folded_title=fold(names).text,
            folded_names=fold(names).text,
            folded=folded([title, text]),
            folded_around=folded([area[1], department[1]]),
            url=f"/projects/g{place}/",
            place=area[1],
            order=f"{place:0{DIGITS}}",
            number=number,
        )
        values = [("department", department[0]), ("year", year[0]), *([("area", area[0])] if kind != "project" else [])]
        yield entry, [EntryFacet(entry=entry, name=name, code=code) for name, code in values]


if __name__ == "__main__":
    django.setup()
    began = time.monotonic()
    fill(int(sys.argv[1]))
    print(f"{sys.argv[1]} entries: {time.monotonic() - began:.0f} s")
