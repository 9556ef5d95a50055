"""Dump of the catalogue to a plan folder: byte for byte the files that were loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dxportal.planfiles.mapping import read_catalogue
from dxportal.planfiles.raw_files import LIST_FILES, PLAN_FILE_NAME
from dxportal.planfiles.schema import FORMAT, Folder


def dump_catalogue(path: Path) -> list[str]:
    """Write the catalogue to a folder and return the names of its files.

    Deletes the files of documents that the catalogue no longer has, and touches no other file of the folder.
    Raises Plan.DoesNotExist if the catalogue is empty.
    """
    files = make_files(read_catalogue())
    files[PLAN_FILE_NAME] = {"format": FORMAT, **files[PLAN_FILE_NAME]}
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / f"{name}.new").write_text(to_yaml(data), encoding="utf-8", newline="\n")
    for name in files:  # once all are written: a dump that fails leaves the old files
        (path / f"{name}.new").replace(path / name)
    for stale in path.glob("document-*.yaml"):
        if stale.name not in files:
            stale.unlink()
    return list(files)


def to_yaml(data: Any) -> str:
    """Serialise to YAML with one line per value, however long, so that a diff shows single values."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=float("inf"))


def make_files(folder: Folder) -> dict[str, Any]:
    """Return the content of each file of a folder, as plain dicts and lists, by file name."""
    return {
        PLAN_FILE_NAME: folder.plan.as_plain(),
        **{name: [row.as_plain() for row in getattr(folder, name.removesuffix(".yaml"))] for name in LIST_FILES},
        **{f"document-{document.number}.yaml": document.as_plain() for document in folder.documents},
    }
