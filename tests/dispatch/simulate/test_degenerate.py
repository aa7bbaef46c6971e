"""A study whose figures are all the same, or nearly, or too few, still ends in a report."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dispatch.cli import main
from dispatch.simulate import made_of, study
from dispatch.simulate.answers import (
    MOST_MORE,
    difference,
    estimate,
    hold_together,
    how_near,
    level,
    more_needed,
)
from dispatch.simulate.made_of import recorded
from dispatch.simulate.report import Report, page
from dispatch.simulate.report_folder import write_report
from dispatch.simulate.report_pdf import report_pdf
from dispatch.simulate.scenario_file import read_study
from dispatch.simulate.study import run_study

NAN, INF = math.nan, math.inf
DEGENERATE: tuple[Sequence[float], ...] = (
    *([], [0.0], [5.0], [0.0] * 6, [7.0] * 6, [NAN] * 4, [1.0, NAN, 2.0], [INF, 1.0], [1e300, -1e300]),
    *([1.0, -1.0, 1.0, -1.0 + 1e-9], [1e-300, 0.0, 0.0], [1e15, 1e15, 1e15 + 1], [5e-324] * 3, [-1.0] * 3),
)


@pytest.mark.parametrize("values", DEGENERATE)
def test_degenerate_figures_have_an_estimate_and_an_answer(values: Sequence[float]) -> None:
    for found in (estimate(values), level(values)):
        more = more_needed(found)
        assert more is None or 0 <= more <= MOST_MORE
    other = [{"x": value} for value in reversed(values)]
    told = difference([{"x": value} for value in values], other, "x")
    assert told.more is None or 0 <= told.more <= MOST_MORE


def test_a_difference_of_floating_point_noise_is_none() -> None:
    base = [{"x": 100.0 * at} for at in range(1, 5)]
    other = [{"x": 100.0 * at + (1 if at % 2 else -1) + (1e-9 if at == 1 else 0)} for at in range(1, 5)]
    assert difference(base, other, "x").more is None


def test_what_cannot_be_negative_has_no_interval_below_zero() -> None:
    random = np.random.default_rng(4)
    for _ in range(200):
        values = (random.lognormal(0, 2, 5) * random.integers(0, 2, 5)).tolist()
        found = level(values)
        assert 0 <= found.low <= found.mean <= found.high
    assert level([-1.0, 1.0]).low < 0, "a difference may be negative"


def test_of_many_comparisons_only_those_that_hold_together_are_marked() -> None:
    assert hold_together([0.001, 0.04, NAN, 0.9]) == [True, False, False, False]
    random = np.random.default_rng(1)
    wrong = sum(any(hold_together(random.random(27).tolist())) for _ in range(2000))
    assert wrong / 2000 < 0.065


def test_equal_durations_have_no_rank_correlation() -> None:
    assert math.isnan(how_near([1, 2, 3], [2, 2, 2]).rank_correlation)


@pytest.mark.parametrize("values", DEGENERATE)
def test_every_report_is_made_of_degenerate_records(
    small_study: Path, tmp_path: Path, values: Sequence[float]
) -> None:
    asked = read_study(small_study)
    first = run_study(asked, replications=1, seed=1, out=tmp_path)
    records = {
        name: [
            {key: value if isinstance(old, int | float) else old for key, old in kept[0].items()}
            for value in (values if name == asked.base else list(reversed(values)))
        ]
        for name, kept in first.items()
    }
    if not values:
        return
    for language in ("en", "zh"):
        report = Report(study=asked, records=records, seed=1, language=language)
        assert "<svg" in page(report)
        assert report_pdf(report)
    assert write_report(tmp_path / "out", asked, records, 1) == []


def test_a_report_that_fails_takes_nothing_else_with_it(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Report) -> bytes:
        raise RuntimeError("no ink")

    monkeypatch.setattr("dispatch.simulate.report_folder.report_pdf", broken)
    words = ["simulate", str(small_study), "--replications", "2", "--out", str(tmp_path), "--quiet"]
    assert main([*words, "--status", str(tmp_path / "status.json")]) == 0
    assert "report.pdf could not be written (no ink)" in capsys.readouterr().out
    assert json.loads((tmp_path / "status.json").read_text())["state"] == "done"
    assert (tmp_path / "report.html").is_file()
    assert (tmp_path / "answers.json").is_file()


def test_results_of_another_case_or_policy_are_not_taken_for_new_ones(
    small_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["simulate", str(small_study), "--replications", "1", "--out", str(out), "--quiet"]
    assert main(words) == 0
    before, first = recorded(out), len(list((out / "runs").glob("*.json")))
    crews = small_study.parent / "case" / "crews.csv"
    text = crews.read_text(encoding="utf-8")
    crews.write_text(text + "\n", encoding="utf-8")
    try:
        study.shared_world.cache_clear()
        made_of.case_read.cache_clear()
        assert main(words) == 0
    finally:
        crews.write_text(text, encoding="utf-8")
        made_of.case_read.cache_clear()
    after = recorded(out)
    assert before is not None
    assert after is not None
    assert before.differs(after) == ["case"]
    assert "case changed since the results" in capsys.readouterr().err
    assert len(list((out / "runs").glob("*.json"))) == 2 * first
    assert after.case in (out / "report.html").read_text(encoding="utf-8")


def test_a_case_that_lies_elsewhere_gives_the_same_keys(small_study: Path, tmp_path: Path) -> None:
    shutil.copytree(small_study.parent / "case", tmp_path / "case")
    shutil.copy(small_study, tmp_path / small_study.name)
    names = []
    for at, path in enumerate((small_study, tmp_path / small_study.name)):
        run_study(read_study(path), replications=1, seed=1, out=tmp_path / f"out{at}")
        names.append(sorted(each.name for each in (tmp_path / f"out{at}" / "runs").iterdir()))
    assert names[0] == names[1]
