"""What is imported is declared: by the product in its dependencies or an extra, by the tests in `test`.

This reads sources alone: a missing line of pyproject.toml shows on a machine that has the package, too.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources import PACKAGES, modules, tree

OURS = {*PACKAGES, "tests", "benchmarks", "data", "supply"}
# Packages that are imported by another name than they are installed by.
INSTALLED_AS = {
    "PIL": "pillow",
    "cel": "common-expression-language",
    "dss": "dss-python",
    "fpdf": "fpdf2",
    "ruamel": "ruamel.yaml",
    "vroom": "pyvroom",
}
# Parts of a package that are installed as packages of their own, of just the fitting version.
COMES_WITH = {"pydantic_core": "pydantic", "py_vapid": "pywebpush", "http_ece": "pywebpush"}
# What is tested where it is at hand; `.ci/run` brings pandapower at its end.
SKIPPED_WITHOUT = ("pandapower", "opendss", "cluster", "bench", "docs")
GUARDS = ("importorskip", "find_spec")


def plain(name: str) -> str:
    """The name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(root: Path, *extras: str) -> set[str]:
    """Packages that an install with some extras brings, each with those that they name."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(each for name in extras for each in _of(project, name))]
    return {plain(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]) for line in lines}


def _of(project: dict[str, dict[str, list[str]]], extra: str) -> list[str]:
    return project["optional-dependencies"][extra]


def extras_of_users(root: Path) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [name for name in project["optional-dependencies"] if name not in ("test", "dev", "docs")]


def package_of(module: str) -> str | None:
    """What has to be installed for an import; None where it is ours or Python's."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top in OURS:
        return None
    return plain(COMES_WITH.get(top) or INSTALLED_AS.get(top) or top)


def imports(node: ast.AST, at_once: bool = True) -> Iterator[tuple[str, int, bool]]:
    """Packages that a source imports, the line, and whether importing the source does it."""
    for statement in statements(node):
        names = []
        if isinstance(statement, ast.Import):
            names = [each.name for each in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            names = [statement.module or ""]
        for name in names:
            if (package := package_of(name)) is not None:
                yield package, statement.lineno, at_once
        later = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(statement, ast.If) and getattr(statement.test, "id", "") == "TYPE_CHECKING"
        )
        yield from imports(statement, at_once and not later)


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Statements directly within another one."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        inside = getattr(node, name, ())
        for each in inside if isinstance(inside, list) else ():
            if isinstance(each, ast.stmt):
                yield each
            else:
                yield from statements(each)


def guarded(text: str) -> set[str]:
    """Packages without which a test is skipped."""
    calls = re.findall(rf"(?:{'|'.join(GUARDS)})\(\s*\"([\w.]+)\"", text)
    return {package for name in calls if (package := package_of(name)) is not None}


def missing(source: ast.Module, at_once: set[str], later: set[str]) -> list[str]:
    """What a source imports and nobody declares: as line and package."""
    return [
        f"{line}: {package}"
        for package, line, now in imports(source)
        if package not in (at_once if now else later)
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_what_the_product_imports_is_declared(root: Path, package: str) -> None:
    base, extras = declared(root), declared(root, *extras_of_users(root))
    wrong = {
        file.relative_to(root).as_posix(): found
        for file in modules(root, package)
        if (found := missing(tree(file), base, extras))
    }
    assert wrong == {}


def test_what_the_tests_import_comes_with_the_extra_of_the_test_command(root: Path) -> None:
    known, wrong = declared(root, "test"), {}
    optional = declared(root, *SKIPPED_WITHOUT)
    for file in modules(root, "tests"):
        fine = known | (guarded(file.read_text(encoding="utf-8")) & optional)
        if found := missing(tree(file), fine, fine):
            wrong[file.relative_to(root).as_posix()] = found
    assert wrong == {}


def test_every_extra_is_tested_or_known_to_be_skipped(root: Path) -> None:
    tested = declared(root, "test")
    short = {
        extra: sorted(declared(root, extra) - tested)
        for extra in extras_of_users(root)
        if extra not in SKIPPED_WITHOUT
    }
    assert {extra: names for extra, names in short.items() if names} == {}


def test_the_test_command_installs_the_extra_named_test(root: Path) -> None:
    assert re.search(r"pip install[^\n]*\[test\]", (root / "README.md").read_text(encoding="utf-8"))


def test_a_package_that_nobody_declares_is_found() -> None:
    text = "import numpy\nimport yaml\ndef read():\n    import orjson\n    import geo.grid\n"
    assert missing(ast.parse(text), {"numpy"}, {"numpy"}) == ["2: yaml", "4: orjson"]
    assert missing(ast.parse(text), {"numpy", "yaml"}, {"numpy", "yaml", "orjson"}) == []
    assert guarded('pytest.importorskip("dss")\nfind_spec(\n"pandapower.io")') == {"dss-python", "pandapower"}
