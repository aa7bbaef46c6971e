"""The house has one direction, and third-party libraries keep to their rooms."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.sources import PACKAGES, modules, nodes

MAY_IMPORT = {
    "web": {"dispatch"},
    "dispatch": {"rules", "geo"},
    "rules": set(),
    "geo": set(),
}
ROOMS = {
    "flask": ("web/",),
    "flask_wtf": ("web/",),
    "joserfc": ("web/",),
    "waitress": ("web/",),
    "prometheus_client": ("web/",),
    "numba": ("dispatch/solver/",),
    "ortools": ("dispatch/solver/", "rules/checks/cp_sat", "rules/checks/lint", "dispatch/roster"),
    "networkx": ("geo/",),
    "shapely": ("geo/",),
    "geopandas": ("geo/",),
    "sqlalchemy": ("dispatch/store",),
    "alembic": ("dispatch/store",),
    "pywebpush": ("dispatch/push/",),
    "py_vapid": ("dispatch/push/",),
}
MOST_LINES = 600


def _imports(file: Path, root: Path) -> Iterator[tuple[str, int]]:
    for node in nodes(file):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_between_packages_go_one_way(package: str, root: Path) -> None:
    wrong = [
        f"{file.relative_to(root)}:{line} imports {name}"
        for file in sorted((root / package).rglob("*.py"))
        for name, line in _imports(file, root)
        if (top := name.split(".")[0]) in PACKAGES and top != package and top not in MAY_IMPORT[package]
    ]
    assert not wrong


def test_third_party_libraries_keep_to_their_rooms(root: Path) -> None:
    wrong = [
        f"{file.relative_to(root)}:{line} imports {name}"
        for file in modules(root)
        for name, line in _imports(file, root)
        if (rooms := ROOMS.get(name.split(".")[0]))
        and not any(file.relative_to(root).as_posix().startswith(room) for room in rooms)
    ]
    assert not wrong


def test_no_module_is_longer_than_a_reader_can_hold(root: Path) -> None:
    long = {
        file.relative_to(root).as_posix(): count
        for file in modules(root)
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long


def test_the_four_packages_are_ours(root: Path) -> None:
    """Their names are common words: another distribution could install the same folders."""
    homes = {Path(str(importlib.import_module(name).__file__)).parents[1] for name in PACKAGES}
    assert len(homes) == 1


PARTS_OF_A_ROOM = frozenset(
    {"Desk", "Planner", "PlannerProcess", "Lookout", "Forgetting", "ShiftClock", "teller_for"}
)
# Tests of dispatch look at parts one by one; whoever shows or measures a room opens it whole.
OPENED_WHOLE = ("web", "benchmarks", "tests/web", "tests/acceptance", "dispatch")


def test_a_room_is_put_together_in_one_place(root: Path) -> None:
    wrong = [
        f"{file.relative_to(root)}:{node.lineno} makes its own {node.func.id}"
        for folder in OPENED_WHOLE
        for file in sorted((root / folder).rglob("*.py"))
        if file.relative_to(root).as_posix() != "dispatch/room.py"
        for node in nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PARTS_OF_A_ROOM
    ]
    assert not wrong


MOST_LOOSE_MODULES = 8


def test_a_package_is_made_of_rooms_not_of_loose_modules(root: Path) -> None:
    loose = {package: len(list((root / package).glob("*.py"))) for package in ("dispatch", "web")}
    assert all(count <= MOST_LOOSE_MODULES for count in loose.values()), loose


@cache
def _targets(file: Path, root: Path) -> tuple[tuple[str, bool], ...]:
    """Dotted names of our own modules that a file imports, and whether for types only."""
    package = file.relative_to(root).parent.parts
    for_types = {
        id(inner)
        for node in nodes(file)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found: list[tuple[str, bool]] = []
    for node in nodes(file):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in for_types) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            home = ".".join((*base, *filter(None, [node.module])))
            ours = home.partition(".")[0] in PACKAGES
            for alias in node.names if ours else ():
                module = (root / home.replace(".", "/") / f"{alias.name}.py").exists()
                found.append((f"{home}.{alias.name}" if module else home, id(node) in for_types))
    return tuple(found)


def _circle(arrows: dict[str, set[str]]) -> list[str]:
    """The first circle there is, name by name; empty where there is none."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_modules_import_one_another_in_no_circle(root: Path) -> None:
    arrows: dict[str, set[str]] = {}
    for file in modules(root):
        name = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        arrows[name] = {target for target, for_types in _targets(file, root) if not for_types} - {name}
    known = {name: targets & arrows.keys() for name, targets in arrows.items()}
    assert _circle(known) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_rooms_import_one_another_in_no_circle(package: str, root: Path) -> None:
    """Types count here: a room that knows another one's types stands above it."""
    arrows: dict[str, set[str]] = {
        folder.name: set() for folder in (root / package).iterdir() if folder.is_dir()
    }
    for file in sorted((root / package).rglob("*.py")):
        room = file.relative_to(root / package).parts[0]
        if room in arrows:
            parts = (target.split(".") for target, _ in _targets(file, root))
            arrows[room] |= {part[1] for part in parts if part[0] == package and len(part) > 1} - {room}
    assert _circle({room: targets & arrows.keys() for room, targets in arrows.items()}) == []


# What others import, as release 0.1 had it and scripts at utilities have it.
NAMES_OF_0_1 = {
    "dispatch.demo": ("demo_case",),
    "dispatch.intake": ("load_case",),
    "dispatch.locating": ("Locator",),
    "dispatch.planning": ("open_day", "plan_day"),
    "dispatch.problem": ("After", "Block", "Break", "Crew", "Job", "Problem", "Travel"),
    "dispatch.problem_files": ("read_problem",),
    "dispatch.running": ("Running",),
    "dispatch.solver": ("solve",),
    "dispatch.triage": ("classify", "grade_customers"),
}


@pytest.mark.parametrize("module", NAMES_OF_0_1)
def test_what_others_import_is_still_where_it_was(module: str) -> None:
    found = importlib.import_module(module)
    assert [name for name in NAMES_OF_0_1[module] if not hasattr(found, name)] == []


def _scripts(root: Path) -> dict[Path, str]:
    static = root / "web" / "static"
    files = (file for file in static.rglob("*.js") if "vendor" not in file.relative_to(static).parts)
    return {file: file.read_text(encoding="utf-8") for file in sorted(files)}


TAKEN = re.compile(r'^import \{([^}]*)\} from "(\./[^"]+)";', re.M)
GIVEN = re.compile(r"^export (?:async )?(?:function|class|const|let) (\w+)|^export \{([^}]*)\}", re.M)


def test_scripts_import_one_another_in_no_circle(root: Path) -> None:
    scripts = _scripts(root)
    arrows = {
        str(file): {str((file.parent / name).resolve()) for _, name in TAKEN.findall(text)}
        for file, text in scripts.items()
    }
    assert _circle(arrows) == []


def test_scripts_import_only_what_there_is(root: Path) -> None:
    scripts = _scripts(root)
    given = {
        file: {word for one, many in GIVEN.findall(text) for word in re.findall(r"\w+", one or many)}
        for file, text in scripts.items()
    }
    wrong = [
        f"{file.relative_to(root)} imports {name} of {module}"
        for file, text in scripts.items()
        for names, module in TAKEN.findall(text)
        for name in re.findall(r"(\w+)(?: as \w+)?", names)
        if name not in given.get((file.parent / module).resolve(), set())
    ]
    assert not wrong


def test_no_line_of_a_script_is_above_120_characters(root: Path) -> None:
    long = [
        f"{file.relative_to(root)}:{number}"
        for file, text in _scripts(root).items()
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > 120
    ]
    assert not long
