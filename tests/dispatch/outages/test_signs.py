"""Meters and devices that speak for themselves, from a file of the case to the plan."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case
from dispatch.outages import Sign
from dispatch.planning.main_road import open_day
from dispatch.planning.running import Running
from tests.prepared import small_case
from tests.small_case import write_small_case

AT = "2026-07-14T18:01:00-04:00"


def with_signs(folder: Path, *rows: str) -> Path:
    """The small case with a file of signs."""
    write_small_case(folder)
    (folder / "signs.csv").write_text("\n".join(("at,kind,place", *rows)) + "\n")
    return folder


def test_a_breaker_that_says_it_tripped_is_out_before_anybody_calls(tmp_path: Path) -> None:
    day = open_day(load_case(with_signs(tmp_path, f"{AT},tripped,BR-2", f"{AT},last_gasp,C11")))
    outage = next(each for each in day.outages if each.device == "BR-2")
    assert outage.since == datetime.fromisoformat(AT)
    assert outage.transformers == ("T5",)


def test_a_sign_that_comes_while_the_day_runs_counts_as_well(tmp_path: Path) -> None:
    case = small_case()
    at = datetime.fromisoformat(AT)
    told = [Sign(kind="tripped", place="BR-2", at=at), Sign(kind="last_gasp", place="C11", at=at)]
    assert "BR-2" not in {each.device for each in open_day(case).outages}
    assert "BR-2" in {each.device for each in open_day(case, Running(signs=tuple(told))).outages}


def test_every_sign_from_nowhere_is_named(tmp_path: Path) -> None:
    folder = with_signs(tmp_path, f"{AT},last_gasp,C99", f"{AT},tripped,BR-9", f"{AT},gasped,C01")
    with pytest.raises(InputFaults) as found:
        load_case(folder)
    text = str(found.value)
    assert "signs.csv: row 2, column 'place': there is no customer, transformer, main or device 'C99'" in text
    assert "row 3" in text
    assert "row 4, column 'kind'" in text


def test_a_case_without_a_file_of_signs_is_whole(tmp_path: Path) -> None:
    assert small_case().signs == ()
