"""What tests ask of a grid that was read: which transformers are dead, and what the reader noted."""

from __future__ import annotations

from geo import Grid
from geo.grid.topology import NONE


def dead(grid: Grid) -> set[str]:
    lost = grid.tree.position[grid.transformer_sections] == NONE
    return set(grid.transformers.ids[lost].tolist())


def said(grid: Grid) -> str:
    return "\n".join(str(note) for note in grid.notes)
