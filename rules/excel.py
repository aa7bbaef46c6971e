"""The Excel form of a policy."""

from __future__ import annotations

from pathlib import Path

from .nodes import Node


def read_workbook(path: Path) -> Node:
    """Read a workbook as nodes."""
    raise NotImplementedError(path)
