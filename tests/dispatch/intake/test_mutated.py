"""Damaged inputs give a case or sentences; `benchmarks/mutated_inputs.py` tries ten thousand."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("seed", [1])
def test_a_damaged_table_gives_a_case_or_sentences(root: Path, tmp_path: Path, seed: int) -> None:
    spec = importlib.util.spec_from_file_location("mutated", root / "benchmarks" / "mutated_tables.py")
    assert spec is not None
    assert spec.loader is not None
    mutated = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mutated)
    found = mutated.run(60, seed, tmp_path / "case")
    assert set(found) <= {"read", "refused"}, found


def test_damaged_tables_are_read_or_refused_and_every_row_is_counted(root: Path) -> None:
    spec = importlib.util.spec_from_file_location("inputs", root / "benchmarks" / "mutated_inputs.py")
    assert spec is not None
    assert spec.loader is not None
    inputs = importlib.util.module_from_spec(spec)
    sys.modules["inputs"] = inputs
    spec.loader.exec_module(inputs)
    found = inputs.run(12, 1, only=frozenset({"tables"}), loud=False)
    assert found.wrong == []
    assert found.counted > 0
