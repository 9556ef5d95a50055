"""The documents of the index before they are stored, and which rows those of a model are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from catalog.models import Printed
from catalog.row_changes import RowChange, changed_rows
from dxportal import normalize
from dxportal.search.dependencies import Dependency
from dxportal.search.index.ngrams import BOUNDARY
from dxportal.search.models import Kind, SearchDocument

Model = type[models.Model]
Facets = set[tuple[str, str]]
Row = TypeVar("Row", bound=models.Model)

STEP = " › "
DIGITS = 10  # of the largest position there can be
MANY = 10_000  # rows of a model from which on all its documents are made; SQLite takes 32,766 parameters
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


Rows = Collection[UUID] | None  # primary keys; None: all
Finder = Callable[[Rows], Iterator[IndexDocument]]


@dataclass(frozen=True)
class Source:
    """The documents of a model, and the other rows that they are made of; in a tree, of all rows above."""

    model: Model
    found: Finder
    made_of: tuple[Dependency, ...]
    is_tree: bool

    def concerned(self, changes: Collection[RowChange]) -> Rows:
        """The rows of the model whose documents may be others after these changes; None: any."""
        rows = set(changed_rows(changes, self.model))
        if self.is_tree and rows:
            return None
        for one in self.made_of:
            rows |= one.concerned(self.model, changes)
        return rows if len(rows) <= MANY else None


SOURCES: list[Source] = []


def source(model: Model, *made_of: Dependency, is_tree: bool = False) -> Callable[[Finder], Finder]:
    """Register a function that makes the documents of some rows of a model, or of all. What is printed is made of its
    plan and its document, too.
    """
    printed = (PLAN, DOCUMENT) if issubclass(model, Printed) else ()

    def register(found: Finder) -> Finder:
        SOURCES.append(Source(model, found, (*printed, *made_of), is_tree))
        return found

    return register


def of(path: str, *columns: str) -> Dependency:
    """That documents are made of the rows at the end of this path, and of which of their columns (none named: any)."""
    return Dependency(path, columns)


PLAN = of("plan", "is_current", "sakigake_label")
DOCUMENT = of("document", "number", "label", "title", "repeat_mark")


def chosen(rows: QuerySet[Row], pks: Rows) -> QuerySet[Row]:
    """All rows, or those with these primary keys."""
    return rows if pks is None else rows.filter(pk__in=pks)


def folded(texts: Iterable[str]) -> str:
    """Fields, one by one, so that nothing is found across two of them."""
    return BOUNDARY.join(spelling(text) for text in texts if text)


@lru_cache(maxsize=1 << 14)
def spelling(text: str) -> str:
    """The folded text; from one publication to the next most texts stay as they are."""
    return normalize.fold_text(text)


def one_line(text: str) -> str:
    return " ".join(text.splitlines())
