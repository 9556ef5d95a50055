"""The drawing of docs/architecture.md is the import contract, layer by layer."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.on_no_database

ROOT = Path(__file__).parent.parent
CONTRACT = "Inside the shell imports run one way"
ALONE = "--- single modules ---"


def contract_layers() -> list[set[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = (contract for contract in contracts if contract["name"] == CONTRACT)
    return [set(layer.split(" | ")) for layer in contract["layers"]]


def drawn_layers() -> list[set[str]]:
    """The layers of the drawing; the modules below the line stand one to a line and are one layer."""
    text = (ROOT / "docs/architecture.md").read_text()
    match = re.search(r"^## Layers\n.*?^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert match, "docs/architecture.md has no drawing under “Layers”"
    rooms, modules = (part.splitlines() for part in match[1].split(f"{ALONE}\n"))
    layers = [set(re.findall(r"\w+", re.match(r"\w+(?: \| \w+)*", line)[0])) for line in rooms]  # type: ignore[index]
    return [*layers, {line.split()[0] for line in modules}]


def test_the_drawing_is_the_contract() -> None:
    assert drawn_layers() == contract_layers()


def test_every_room_and_module_of_the_shell_is_drawn() -> None:
    shell = ROOT / "dxportal"
    there = {path.name for path in shell.iterdir() if (path / "__init__.py").is_file()}
    there |= {path.stem for path in shell.glob("*.py") if path.stem != "__init__"}
    assert set.union(*drawn_layers()) == there


def test_contracts_ignore_no_import() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert not [contract["name"] for contract in contracts if contract.get("ignore_imports")]
