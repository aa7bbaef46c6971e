"""Beliefs come out of a case folder, every fault said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.ground.beliefs import RANGES, USUAL
from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case
from tests.small_case import write_small_case


def folder_with(tmp_path: Path, text: str) -> Path:
    """The small case with beliefs."""
    folder = write_small_case(tmp_path / "case")
    (folder / "beliefs.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_case_without_the_file_believes_what_the_program_has(tmp_path: Path) -> None:
    assert load_case(write_small_case(tmp_path / "case")).beliefs == USUAL
    assert load_case(folder_with(tmp_path / "empty", "name,value\n")).beliefs == USUAL


def test_what_the_file_names_counts_and_the_rest_stays(tmp_path: Path) -> None:
    told = load_case(folder_with(tmp_path, "name,value\ncalling_share,0.2\nlv_main_faults_per_year,0.004\n"))
    assert (told.beliefs.calling_share, told.beliefs.lv_main_faults_per_year) == (0.2, 0.004)
    assert told.beliefs.quick_delay_min == USUAL.quick_delay_min


def test_every_value_of_the_program_lies_in_its_range() -> None:
    for name, value in USUAL.by_name().items():
        least, most = RANGES[name]
        assert least <= value <= most


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("calling_shares,0.2\n", "calling_share"),
        ("calling_share,1.7\n", "row 2, column 'value': is 1.7; expected calling_share from 0.001 to 0.95"),
        (
            "calling_share,0.2\ncalling_share,0.3\n",
            "row 3, column 'name': 'calling_share' stands in an earlier row",
        ),
        ("calling_share,many\n", "'many'"),
        ("calling_share,nan\n", "beliefs.csv"),
        ("quick_delay_min,90\n", "slow_delay_min: is 60; expected at least quick_delay_min, 90"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(InputFaults) as raised:
        load_case(folder_with(tmp_path, f"name,value\n{rows}"), strict=True)
    assert said in str(raised.value)
