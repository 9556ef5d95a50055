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
from dxportal.search.dependencies import Dependency, IndexedModel
from dxportal.search.index.ngrams import BOUNDARY
from dxportal.search.models import DocumentKind, SearchDocument

Facets = set[tuple[str, str]]
CatalogueRow = TypeVar("CatalogueRow", bound=models.Model)

PLACE_SEPARATOR = " › "
SORT_KEY_DIGITS = 10  # digits of the largest possible position
MAX_AFFECTED_ROWS = 10_000  # if more, all documents of a model are made; SQLite takes at most 32,766 parameters
KIND_ORDER = {kind: position for position, kind in enumerate(DocumentKind)}


@dataclass
class IndexDocument:
    """An index document before it is stored.

    `texts`: further printed fields, shown in excerpts. `names`: further names, searched but not shown. `place`: the
    rows above, shown as a path. `context`: further texts that are searched. `order`: sort key within the kind.
    `has_name_as_title` is False if the title is a sentence, which does not rank as a name.
    """

    row: Any
    kind: DocumentKind
    title: str
    code: str = ""  # matched only as a whole
    texts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    facets: Facets = field(default_factory=set)
    has_name_as_title: bool = True

    @cached_property
    def search_document(self) -> SearchDocument:
        title, *texts = (join_lines(text) for text in (self.title, *self.texts))
        texts = [text for text in texts if text]
        folded_title = fold_cached(title)
        folded_names = fold_and_join([*([title] if self.has_name_as_title else []), *self.names])
        folded_sentence = [] if self.has_name_as_title else [folded_title]
        document = getattr(self.row, "document", None)
        return SearchDocument(
            row=self.row.pk,
            model=self.row._meta.label_lower,
            kind=self.kind.value,
            code=self.code,
            title=title,
            text=BOUNDARY.join(texts),
            folded_title=folded_title if self.has_name_as_title else "",
            folded_names=folded_names,
            folded=BOUNDARY.join([*folded_sentence, folded_names, fold_and_join(texts)]),
            folded_around=fold_and_join(dict.fromkeys((*self.place, *self.context))),
            url=self.row.get_absolute_url(),
            place=PLACE_SEPARATOR.join(filter(None, self.place)),
            facets=BOUNDARY.join(sorted(f"{name} {code}" for name, code in self.facets)),
            order="".join(f"{number:0{SORT_KEY_DIGITS}}" for number in (KIND_ORDER[self.kind], *self.order)),
            document=document.label if document else "",
            document_number=document.number if document else None,
            page=self.row.page if document else None,
            page_to=self.row.page_to if document else None,
        )


PrimaryKeys = Collection[UUID] | None  # primary keys; None: all
DocumentGenerator = Callable[[PrimaryKeys], Iterator[IndexDocument]]


@dataclass(frozen=True)
class DocumentSource:
    """The documents of a model: their generator, and the other rows that they read (in a tree, all rows above)."""

    model: IndexedModel
    generate: DocumentGenerator
    dependencies: tuple[Dependency, ...]
    is_tree: bool

    def affected_rows(self, changes: Collection[RowChange]) -> PrimaryKeys:
        """Return the primary keys of rows whose documents the changes may affect; None: any."""
        rows = set(changed_rows(changes, self.model))
        if self.is_tree and rows:
            return None
        for dependency in self.dependencies:
            rows |= dependency.affected_rows(self.model, changes)
        return rows if len(rows) <= MAX_AFFECTED_ROWS else None


DOCUMENT_SOURCES: list[DocumentSource] = []


def document_source(
    model: IndexedModel, *dependencies: Dependency, is_tree: bool = False
) -> Callable[[DocumentGenerator], DocumentGenerator]:
    """Register a generator of the documents of a model's rows, with their dependencies.

    Printed models depend on their plan and source document as well.
    """
    printed = (PLAN_DEPENDENCY, DOCUMENT_DEPENDENCY) if issubclass(model, Printed) else ()

    def register(generate: DocumentGenerator) -> DocumentGenerator:
        DOCUMENT_SOURCES.append(DocumentSource(model, generate, (*printed, *dependencies), is_tree))
        return generate

    return register


def depends_on(path: str, *columns: str) -> Dependency:
    """Declare that documents read these columns (none named: any) of the rows at the end of a lookup path."""
    return Dependency(path, columns)


PLAN_DEPENDENCY = depends_on("plan", "is_current", "sakigake_label")
DOCUMENT_DEPENDENCY = depends_on("document", "number", "label", "title", "repeat_mark")


def filter_by_key(rows: QuerySet[CatalogueRow], pks: PrimaryKeys) -> QuerySet[CatalogueRow]:
    """Filter rows by primary keys; None: all rows."""
    return rows if pks is None else rows.filter(pk__in=pks)


def fold_and_join(texts: Iterable[str]) -> str:
    """Fold texts and join them by a boundary, so that no match spans two of them."""
    return BOUNDARY.join(fold_cached(text) for text in texts if text)


@lru_cache(maxsize=1 << 14)
def fold_cached(text: str) -> str:
    """Fold a text; cached, because most texts stay the same from one publication to the next."""
    return normalize.fold_text(text)


def join_lines(text: str) -> str:
    return " ".join(text.splitlines())
