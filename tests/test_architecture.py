"""The drawing of docs/architecture.md is the import contract, layer by layer."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.on_no_database

ROOT = Path(__file__).parent.parent
CONTRACT = "Inside the shell imports run one way"
ALONE = "--- single modules ---"
DEPLOYED = ("catalog", "projects", "budgets", "dxportal")
# Names that Django gives to modules.
DJANGO_MODULES = {"__init__", "admin", "apps", "models", "urls", "views"}
# Names that Django, Python and this code give by convention, so that they mean one thing wherever they stand.
CONVENTIONS = {"Command", "__all__", "app_name", "logger", "register", "urlpatterns"}
MOST_DEFINITIONS = 2  # as of two back ends with one interface


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


def modules_of(rooms: Iterable[str]) -> list[Path]:
    paths = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    return [path.relative_to(ROOT) for path in paths if "migrations" not in path.parts]


def top_level_names(module: Path) -> Iterator[str]:
    """Yield the functions, classes, type aliases and constants that a module defines."""
    for statement in ast.parse((ROOT / module).read_text(encoding="utf-8")).body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (
                    node.id
                    for target in targets
                    for node in ast.walk(target)
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                )
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def test_no_two_modules_of_the_shell_share_a_name() -> None:
    modules = defaultdict(list)
    for module in modules_of(["dxportal"]):
        modules[module.stem].append(str(module))
    assert not {name: found for name, found in modules.items() if len(found) > 1 and name not in DJANGO_MODULES}


def test_no_name_has_three_definitions() -> None:
    definitions = defaultdict(set)
    for module in modules_of(DEPLOYED):
        for name in top_level_names(module):
            definitions[name].add(str(module))
    several = {name: found for name, found in definitions.items() if len(found) > MOST_DEFINITIONS}
    assert not {name: found for name, found in several.items() if name not in CONVENTIONS}
