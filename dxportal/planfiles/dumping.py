"""Dump of the catalogue to a plan folder: byte for byte the files that were loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dxportal.planfiles.mapping import folder_of_catalogue
from dxportal.planfiles.raw import LISTS, PLAN
from dxportal.planfiles.schema import Folder


def dump(path: Path) -> list[str]:
    """Write the catalogue to a folder and return the names of its files.

    Deletes the files of documents that the catalogue no longer has, and touches no other file of the folder.
    Raises Plan.DoesNotExist if the catalogue is empty.
    """
    files = files_of(folder_of_catalogue())
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / f"{name}.new").write_text(as_yaml(data), encoding="utf-8", newline="\n")
    for name in files:  # once all are written: a dump that fails leaves the old files
        (path / f"{name}.new").replace(path / name)
    for stale in path.glob("document-*.yaml"):
        if stale.name not in files:
            stale.unlink()
    return list(files)


def as_yaml(data: Any) -> str:
    """Serialise to YAML with one line per value, however long, so that a diff shows single values."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=float("inf"))


def files_of(folder: Folder) -> dict[str, Any]:
    """Return the content of each file of a folder, as plain dicts and lists, by file name."""
    return {
        PLAN: folder.plan.as_plain(),
        **{name: [row.as_plain() for row in getattr(folder, name.removesuffix(".yaml"))] for name in LISTS},
        **{f"document-{document.number}.yaml": document.as_plain() for document in folder.documents},
    }
