"""Index documents before they are stored, and the registry of the sources that build them from each model."""

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
DIGITS = 10  # digits of the largest possible position
MANY = 10_000  # rows of a model above which all its documents are made; SQLite takes at most 32,766 parameters
KIND_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass
class IndexDocument:
    """An index document before it is stored.

    `texts`: further printed fields, shown in excerpts. `names`: further names, searched but not shown. `place`: the
    rows above, shown as a path. `around`: further context that is searched. `order`: sort key within the kind.
    `is_named` is False if the title is a sentence, which does not rank as a name.
    """

    row: Any
    kind: Kind
    title: str
    code: str = ""  # matched only as a whole
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
    """The documents of a model: their generator, and the other rows that they read (in a tree, all rows above)."""

    model: Model
    found: Finder
    made_of: tuple[Dependency, ...]
    is_tree: bool

    def concerned(self, changes: Collection[RowChange]) -> Rows:
        """Return the primary keys of rows whose documents the changes may affect; None: any."""
        rows = set(changed_rows(changes, self.model))
        if self.is_tree and rows:
            return None
        for one in self.made_of:
            rows |= one.concerned(self.model, changes)
        return rows if len(rows) <= MANY else None


SOURCES: list[Source] = []


def source(model: Model, *made_of: Dependency, is_tree: bool = False) -> Callable[[Finder], Finder]:
    """Register a generator of the documents of a model's rows, with their dependencies.

    Printed models depend on their plan and source document as well.
    """
    printed = (PLAN, DOCUMENT) if issubclass(model, Printed) else ()

    def register(found: Finder) -> Finder:
        SOURCES.append(Source(model, found, (*printed, *made_of), is_tree))
        return found

    return register


def of(path: str, *columns: str) -> Dependency:
    """Declare that documents read these columns (none named: any) of the rows at the end of a lookup path."""
    return Dependency(path, columns)


PLAN = of("plan", "is_current", "sakigake_label")
DOCUMENT = of("document", "number", "label", "title", "repeat_mark")


def chosen(rows: QuerySet[Row], pks: Rows) -> QuerySet[Row]:
    """Filter rows by primary keys; None: all rows."""
    return rows if pks is None else rows.filter(pk__in=pks)


def folded(texts: Iterable[str]) -> str:
    """Fold texts and join them by a boundary, so that no match spans two of them."""
    return BOUNDARY.join(spelling(text) for text in texts if text)


@lru_cache(maxsize=1 << 14)
def spelling(text: str) -> str:
    """Fold a text; cached, because most texts stay the same from one publication to the next."""
    return normalize.fold_text(text)


def one_line(text: str) -> str:
    return " ".join(text.splitlines())
