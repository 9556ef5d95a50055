"""The documents of the index before they are stored, and which models those of a model are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.db import models

from catalog.models import Plan, SourceDocument
from dxportal import normalize
from dxportal.search.index.ngrams import BOUNDARY
from dxportal.search.models import Kind, SearchDocument

Model = type[models.Model]
Facets = set[tuple[str, str]]

STEP = " › "
DIGITS = 10  # of the largest position there can be
KIND_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass
class IndexDocument:
    """A document of the index before it is stored.

    `texts` and `names`: fields beside the title, shown and not. `around`: what it stands under beside its `place`. A
    title may be a sentence, which is no name (`is_named`).
    """

    row: Any
    kind: Kind
    title: str
    code: str = ""  # found only when it is typed as a whole
    texts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    facets: Facets = field(default_factory=set)
    is_named: bool = True

    @cached_property
    def search_document(self) -> SearchDocument:
        title, *texts = (one_line(text) for text in (self.title, *self.texts))
        texts = [text for text in texts if text]
        folded_title = spelling(title)
        folded_names = folded([*([title] if self.is_named else []), *self.names])
        document = getattr(self.row, "document", None)
        return SearchDocument(
            row=self.row.pk,
            model=self.row._meta.label_lower,
            kind=self.kind.value,
            code=self.code,
            title=title,
            text=BOUNDARY.join(texts),
            folded_title=folded_title if self.is_named else "",
            folded_names=folded_names,
            folded=BOUNDARY.join([*([] if self.is_named else [folded_title]), folded_names, folded(texts)]),
            folded_around=folded(dict.fromkeys((*self.place, *self.around))),
            url=self.row.get_absolute_url(),
            place=STEP.join(filter(None, self.place)),
            facets=BOUNDARY.join(sorted(f"{name} {code}" for name, code in self.facets)),
            order="".join(f"{number:0{DIGITS}}" for number in (KIND_ORDER[self.kind], *self.order)),
            document=document.label if document else "",
            document_number=document.number if document else None,
            page=self.row.page if document else None,
            page_to=self.row.page_to if document else None,
        )


Finder = Callable[[], Iterator[IndexDocument]]


@dataclass(frozen=True)
class Source:
    """The documents of a model, and the models that they are made of."""

    model: Model
    found: Finder
    reads: frozenset[Model]


SOURCES: list[Source] = []


def source(model: Model, *reads: Model) -> Callable[[Finder], Finder]:
    """Register a function that makes the documents of a model; `reads`: the other models whose rows have an influence
    on them.
    """

    def register(found: Finder) -> Finder:
        SOURCES.append(Source(model, found, frozenset({model, Plan, SourceDocument, *reads})))
        return found

    return register


def sources_of(changed: Collection[Model] | None) -> list[Source]:
    """The sources that read any of the models; all of them for None."""
    return [one for one in SOURCES if changed is None or one.reads & set(changed)]


def folded(texts: Iterable[str]) -> str:
    """Fields, one by one, so that nothing is found across two of them."""
    return BOUNDARY.join(spelling(text) for text in texts if text)


@lru_cache(maxsize=1 << 14)
def spelling(text: str) -> str:
    """The folded text; from one publication to the next most texts stay as they are."""
    return normalize.spelling(text)


def one_line(text: str) -> str:
    return " ".join(text.splitlines())
