"""Damaged inputs give a case or sentences; `benchmarks/mutated_inputs.py` tries ten thousand."""

from __future__ import annotations

from pathlib import Path

from benchmarks import mutated_inputs, mutated_tables


def test_a_damaged_table_gives_a_case_or_sentences(tmp_path: Path) -> None:
    found = mutated_tables.run(60, 1, tmp_path / "case")
    assert set(found) <= {"read", "refused"}, found


def test_damaged_tables_are_read_or_refused_and_every_row_is_counted() -> None:
    found = mutated_inputs.run(12, 1, only=frozenset({"tables"}), loud=False)
    assert found.wrong == []
    assert found.counted > 0
