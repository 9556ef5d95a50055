"""Derive and refresh the table of folded names, and find the duplicates that a change would create.

Names are normalised as for the search. That folds at least everything that the cells of a sheet fold: two rows with
different folded names can be told apart in a sheet, too.
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
from catalog.row_changes import RowChange, RowReference
from dxportal.bulk_insert import insert
from dxportal.normalize import fold_text
from dxportal.revisions.names.models import FoldedName
from projects.models import ProjectPart

NameKey = tuple[str, str]  # scope, folded word
OwnerKeys = Mapping[type[models.Model], Collection[UUID]]  # primary keys by table
NAMES_PER_QUERY = 500
FOLDED_NAME_COLUMNS = ("scope", "folded", "owner", "source", "label", "is_known_double")


@dataclass(frozen=True)
class NameSource:
    """A table with names: its fields with names, the row they mean, and the field within whose value they are unique.

    `owner_field` leads from a row of the table to the row that is meant; `within` is empty for uniqueness in all rows.
    """

    model: type[models.Model]
    fields: tuple[str, ...]
    owner: type[models.Model]
    owner_field: str = "pk"
    within: str = ""

    @property
    def rows(self) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.model._default_manager.order_by("pk")
        # Homophones are no duplicates: two terms may share a reading (科学 and 化学).
        return rows.filter(is_reading=False) if self.model is TermWord else rows

    def derive_names(self, owners: OwnerKeys | None) -> Iterator[FoldedName]:
        """Yield the folded names of these owners, or of all if None."""
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


NAME_SOURCES = (
    NameSource(Stage, ("code", "name"), Stage),
    NameSource(Department, ("code", "name"), Department),
    NameSource(DepartmentAlias, ("label",), Department, "department_id"),
    NameSource(TermWord, ("text",), Term, "term_id"),
    NameSource(ProjectPart, ("code", "name"), ProjectPart, within="project_id"),
)
OWNER_MODELS = {source.owner._meta.label_lower: source.owner for source in NAME_SOURCES}


@dataclass(frozen=True)
class DuplicateName:
    """Two rows whose names are equal after normalisation, so that a sheet or a search cannot tell them apart."""

    first: FoldedName
    second: FoldedName

    def __str__(self) -> str:
        return (
            f"{describe_owner(self.first)}と{describe_owner(self.second)}は、同じ名とみなされます"
            "（全角と半角、大文字と小文字、ひらがなとカタカナ、空白の違いは区別しません）。"
            "どちらかの名を、見分けのつくものに改めてください。"
        )


def describe_owner(name: FoldedName) -> str:
    """Describe the row of a name: its table, name and code, and the name itself if it is neither of these."""
    model = OWNER_MODELS[name.scope.split()[0]]
    row: Any = model._default_manager.get(pk=name.owner)
    code = " ".join(row.natural_key())
    text = f"{model._meta.verbose_name}「{row}」" + (f"（コード {code}）" if code != str(row) else "")
    return text if name.label in (str(row), code) else f"{text}の「{name.label}」"


def name_key(name: FoldedName) -> NameKey:
    return name.scope, name.folded


def derive_folded_names(owners: OwnerKeys | None) -> list[FoldedName]:
    """Derive the folded names of these owners from the catalogue, or of all if None; without repeats of an owner."""
    names: dict[tuple[NameKey, UUID], FoldedName] = {}
    for source in NAME_SOURCES:
        for name in source.derive_names(owners):
            names.setdefault((name_key(name), name.owner), name)
    return list(names.values())


def find_owners(rows: Collection[RowReference]) -> OwnerKeys:
    """Return the rows that the names in these changed rows mean now or meant before the change."""
    owners: dict[type[models.Model], set[UUID]] = defaultdict(set)
    changed: dict[type[models.Model], list[UUID]] = defaultdict(list)
    for model, pk in rows:
        changed[model].append(pk)
    for source in NAME_SOURCES:
        if pks := changed.get(source.model):
            owners[source.owner].update(source.rows.filter(pk__in=pks).values_list(source.owner_field, flat=True))
            owners[source.owner].update(FoldedName.objects.filter(source__in=pks).values_list("owner", flat=True))
    return owners


@dataclass(frozen=True)
class NameRefresh:
    """Rows to delete and to insert in order to refresh the names of some owners, or of all.

    `old` is deleted and `new` inserted; `newcomers` are those of `new` that their owner did not have before;
    `competitors` are stored names of other owners under the same keys. Among pre-existing duplicates one holds the
    name, so that the unique constraint refuses newcomers; the rest are known duplicates.
    """

    old: models.QuerySet[FoldedName]
    new: list[FoldedName]
    competitors: list[FoldedName]
    newcomers: list[FoldedName]

    @classmethod
    def of(cls, rows: Collection[RowReference] | None) -> NameRefresh:
        if rows is None:
            return cls(FoldedName.objects.all(), derive_folded_names(None), [], [])
        owners = find_owners(rows)
        pks = {pk for keys in owners.values() for pk in keys}
        if not pks:
            return cls(FoldedName.objects.none(), [], [], [])
        old, new = FoldedName.objects.filter(owner__in=pks), derive_folded_names(owners)
        before = {(name_key(name), name.owner) for name in old}
        newcomers = [name for name in new if (name_key(name), name.owner) not in before]
        stored = read_stored_names({name_key(name) for name in (*old, *new)})
        return cls(old, new, [name for name in stored if name.owner not in pks], newcomers)

    @property
    def duplicates(self) -> Iterator[DuplicateName]:
        """Duplicates that the refresh would create; pre-existing ones are left out, but no third row may join them."""
        by_key = group_by_name_key([*self.competitors, *self.new])
        for newcomer in self.newcomers:
            for other in by_key[name_key(newcomer)]:
                if other is not newcomer:
                    yield DuplicateName(other, newcomer)

    def assign_holders(self) -> list[FoldedName]:
        """Set `is_known_double` on each new name; return stored names of others that now hold their name."""
        newcomers = set(map(id, self.newcomers))
        retained = [name for name in self.new if id(name) not in newcomers]
        released = []
        for names in group_by_name_key([*self.competitors, *retained]).values():
            holder = next((name for name in names if name.pk and not name.is_known_double), names[0])
            released += [holder] if holder.is_known_double else []
            for name in names:
                name.is_known_double = name is not holder
        return released


def group_by_name_key(names: Iterable[FoldedName]) -> dict[NameKey, list[FoldedName]]:
    by_key: dict[NameKey, list[FoldedName]] = defaultdict(list)
    for name in names:
        by_key[name_key(name)].append(name)
    return by_key


def read_stored_names(keys: Collection[NameKey]) -> list[FoldedName]:
    """Read the stored names with these keys, in chunks that fit the parameter limit of a statement."""
    names, ordered = [], sorted(keys)
    for start in range(0, len(ordered), NAMES_PER_QUERY):
        chunk = ordered[start : start + NAMES_PER_QUERY]
        scopes, words = {scope for scope, _ in chunk}, {folded for _, folded in chunk}
        stored = FoldedName.objects.filter(scope__in=scopes, folded__in=words)
        names += [name for name in stored if name_key(name) in keys]
    return names


def find_new_duplicates(rows: Collection[RowReference]) -> Iterator[DuplicateName]:
    """Yield the duplicates that these changed rows create; to be called before the table is refreshed."""
    return NameRefresh.of(rows).duplicates


def refresh_folded_names(changes: Collection[RowChange] | None) -> None:
    """Refresh the table after these changes; None rebuilds all of it and marks existing duplicates as known.

    Raises IntegrityError for a duplicate that was not checked with `find_new_duplicates` before.
    """
    refreshment = NameRefresh.of(None if changes is None else [(change.model, change.row) for change in changes])
    released = refreshment.assign_holders()
    refreshment.old._raw_delete(refreshment.old.db)
    FoldedName.objects.filter(pk__in=[name.pk for name in released]).update(is_known_double=False)
    # In a fixed order, so that two transactions cannot deadlock.
    ordered = sorted(refreshment.new, key=lambda name: (name_key(name), name.owner))
    insert(
        FoldedName,
        FOLDED_NAME_COLUMNS,
        (
            (name.scope, name.folded, name.owner.hex, name.source.hex, name.label, name.is_known_double)
            for name in ordered
        ),
    )


def are_folded_names_fresh() -> bool:
    """Tell whether the table equals what would be derived from the catalogue now."""
    return as_comparable_names(FoldedName.objects.all()) == as_comparable_names(derive_folded_names(None))


def as_comparable_names(names: Iterable[FoldedName]) -> set[tuple[object, ...]]:
    return {(name.scope, name.folded, name.owner, name.source, name.label) for name in names}
