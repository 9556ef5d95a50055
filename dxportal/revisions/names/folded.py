"""The table of folded names: derived from the catalogue, refreshed by publications, asked before them.

Words are compared as the search compares them, which unites at least what a sheet's cells unite: two rows that are told
apart here are told apart there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from budgets.models import Stage
from catalog.models import Department, DepartmentAlias, Term, TermWord
from catalog.row_changes import RowChange
from dxportal.bulk_insert import insert
from dxportal.normalize import fold_text
from dxportal.revisions.names.models import FoldedName
from projects.models import ProjectPart

Reference = tuple[type[models.Model], UUID]
Key = tuple[str, str]  # scope, folded word
Owners = Mapping[type[models.Model], Collection[UUID]]  # by table
KEYS_OF_A_STATEMENT = 500
COLUMNS = ("scope", "folded", "owner", "source", "label", "is_known_double")


@dataclass(frozen=True)
class Source:
    """A table whose rows hold words: which fields, which row they mean, within which row they have to be unique."""

    model: type[models.Model]
    fields: tuple[str, ...]
    owner: type[models.Model]
    owner_field: str = "pk"
    within: str = ""

    @property
    def rows(self) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.model._default_manager.order_by("pk")
        # Two terms may be read alike, as their words are (科学 and 化学).
        return rows.filter(is_reading=False) if self.model is TermWord else rows

    def names(self, owners: Owners | None) -> Iterator[FoldedName]:
        """The words of these owners, or of all."""
        if owners is not None and self.owner not in owners:
            return
        rows = self.rows if owners is None else self.rows.filter(**{f"{self.owner_field}__in": owners[self.owner]})
        scope = self.owner._meta.label_lower
        for source, owner, within, *words in rows.values_list(
            "pk", self.owner_field, self.within or models.Value(""), *self.fields
        ):
            for word in words:
                if folded := fold_text(word):
                    name = f"{scope} {within}" if within else scope
                    yield FoldedName(scope=name, folded=folded, owner=owner, source=source, label=word)


SOURCES = (
    Source(Stage, ("code", "name"), Stage),
    Source(Department, ("code", "name"), Department),
    Source(DepartmentAlias, ("label",), Department, "department_id"),
    Source(TermWord, ("text",), Term, "term_id"),
    Source(ProjectPart, ("code", "name"), ProjectPart, within="project_id"),
)
OWNERS = {source.owner._meta.label_lower: source.owner for source in SOURCES}


@dataclass(frozen=True)
class Double:
    """Two names that are one to whoever writes them into a sheet or a search."""

    first: FoldedName
    second: FoldedName

    def __str__(self) -> str:
        return (
            f"{described(self.first)}と{described(self.second)}は、同じ名とみなされます"
            "（全角と半角、大文字と小文字、ひらがなとカタカナ、空白の違いは区別しません）。"
            "どちらかの名を、見分けのつくものに改めてください。"
        )


def described(name: FoldedName) -> str:
    """A row as people find it: its table, its name, its code, and the word if that is neither."""
    model = OWNERS[name.scope.split()[0]]
    row: Any = model._default_manager.get(pk=name.owner)
    code = " ".join(row.natural_key())
    text = f"{model._meta.verbose_name}「{row}」" + (f"（コード {code}）" if code != str(row) else "")
    return text if name.label in (str(row), code) else f"{text}の「{name.label}」"


def key_of(name: FoldedName) -> Key:
    return name.scope, name.folded


def derived_names(owners: Owners | None) -> list[FoldedName]:
    """The names of these owners as the catalogue has them, or of all; a word that an owner has twice once."""
    found: dict[tuple[Key, UUID], FoldedName] = {}
    for source in SOURCES:
        for name in source.names(owners):
            found.setdefault((key_of(name), name.owner), name)
    return list(found.values())


def owners_of(rows: Collection[Reference]) -> Owners:
    """The rows that the words in these changed rows mean now, or meant before."""
    owners: dict[type[models.Model], set[UUID]] = defaultdict(set)
    changed: dict[type[models.Model], list[UUID]] = defaultdict(list)
    for model, pk in rows:
        changed[model].append(pk)
    for source in SOURCES:
        if pks := changed.get(source.model):
            owners[source.owner].update(source.rows.filter(pk__in=pks).values_list(source.owner_field, flat=True))
            owners[source.owner].update(FoldedName.objects.filter(source__in=pks).values_list("owner", flat=True))
    return owners


@dataclass(frozen=True)
class Refreshment:
    """Difference of the stored names of some owners, or of all: which go, which come, and who else has these words.

    `newcomers` are the names that come and were not there before. Of the others under one word, doubles that have been
    there before, the first holds the name, so that the constraint keeps newcomers out; the rest are known doubles.
    """

    old: models.QuerySet[FoldedName]
    new: list[FoldedName]
    others: list[FoldedName]
    newcomers: list[FoldedName]

    @classmethod
    def of(cls, rows: Collection[Reference] | None) -> Refreshment:
        if rows is None:
            return cls(FoldedName.objects.all(), derived_names(None), [], [])
        owners = owners_of(rows)
        pks = {pk for some in owners.values() for pk in some}
        if not pks:
            return cls(FoldedName.objects.none(), [], [], [])
        old, new = FoldedName.objects.filter(owner__in=pks), derived_names(owners)
        before = {(key_of(name), name.owner) for name in old}
        newcomers = [name for name in new if (key_of(name), name.owner) not in before]
        stored = stored_under({key_of(name) for name in (*old, *new)})
        return cls(old, new, [name for name in stored if name.owner not in pks], newcomers)

    @property
    def doubles(self) -> Iterator[Double]:
        """Doubles that would come about; two rows that were doubles before may stay so, no third one may join them."""
        by_key = by_keys([*self.others, *self.new])
        for newcomer in self.newcomers:
            for other in by_key[key_of(newcomer)]:
                if other is not newcomer:
                    yield Double(other, newcomer)

    def give_names(self) -> list[FoldedName]:
        """Say of each name whether it is a known double; the names of others that have become free by that."""
        newcomers = set(map(id, self.newcomers))
        freed = []
        for names in by_keys([*self.others, *(name for name in self.new if id(name) not in newcomers)]).values():
            holder = next((name for name in names if name.pk and not name.is_known_double), names[0])
            freed += [holder] if holder.is_known_double else []
            for name in names:
                name.is_known_double = name is not holder
        return freed


def by_keys(names: Iterable[FoldedName]) -> dict[Key, list[FoldedName]]:
    found: dict[Key, list[FoldedName]] = defaultdict(list)
    for name in names:
        found[key_of(name)].append(name)
    return found


def stored_under(keys: Collection[Key]) -> list[FoldedName]:
    found, ordered = [], sorted(keys)
    for start in range(0, len(ordered), KEYS_OF_A_STATEMENT):
        some = ordered[start : start + KEYS_OF_A_STATEMENT]
        scopes, words = {scope for scope, _ in some}, {folded for _, folded in some}
        stored = FoldedName.objects.filter(scope__in=scopes, folded__in=words)
        found += [name for name in stored if key_of(name) in keys]
    return found


def new_doubles(rows: Collection[Reference]) -> Iterator[Double]:
    """The doubles that these changed rows would bring about; the table is still as it was before the change."""
    return Refreshment.of(rows).doubles


def refresh(changes: Collection[RowChange] | None) -> None:
    """Bring the table up to the catalogue with these changes; None: with any, doubles then become known.

    A double that nobody has asked `new_doubles` about is an IntegrityError.
    """
    found = Refreshment.of(None if changes is None else [(one.model, one.row) for one in changes])
    freed = found.give_names()
    found.old._raw_delete(found.old.db)
    FoldedName.objects.filter(pk__in=[name.pk for name in freed]).update(is_known_double=False)
    ordered = sorted(found.new, key=lambda name: (key_of(name), name.owner))  # so that two never wait for one another
    insert(
        FoldedName,
        COLUMNS,
        (
            (name.scope, name.folded, name.owner.hex, name.source.hex, name.label, name.is_known_double)
            for name in ordered
        ),
    )


def is_fresh() -> bool:
    """Whether the table is what the catalogue gives."""
    return contents(FoldedName.objects.all()) == contents(derived_names(None))


def contents(names: Iterable[FoldedName]) -> set[tuple[object, ...]]:
    return {(name.scope, name.folded, name.owner, name.source, name.label) for name in names}
