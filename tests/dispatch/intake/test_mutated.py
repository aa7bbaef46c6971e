"""Damaged tables give a case or sentences; `benchmarks/mutated_tables.py` tries thousands."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.mark.parametrize("seed", [1, 2])
def test_a_damaged_table_gives_a_case_or_sentences(root: Path, tmp_path: Path, seed: int) -> None:
    spec = importlib.util.spec_from_file_location("mutated", root / "benchmarks" / "mutated_tables.py")
    assert spec is not None
    assert spec.loader is not None
    mutated = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mutated)
    found = mutated.run(60, seed, tmp_path / "case")
    assert set(found) <= {"read", "refused"}, found
