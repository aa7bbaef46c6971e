"""The sources as tests read them: each parsed once for all that look at it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGES = ("dispatch", "rules", "geo", "web")


def modules(root: Path, *packages: str) -> Iterator[Path]:
    """Every module of some packages, of the whole product without a name."""
    for package in packages or PACKAGES:
        yield from sorted((root / package).rglob("*.py"))


@cache
def tree(file: Path) -> ast.Module:
    """What a source says."""
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """Every node of a source."""
    return tuple(ast.walk(tree(file)))
