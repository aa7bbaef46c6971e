"""A plan is drawn: a time board, and a map where the problem has points."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from dispatch import Break, Crew, Job, Plan, Problem, Progress, ProgressLine, Travel, solve
from dispatch.ground import drawing


def day() -> tuple[Problem, Plan]:
    problem = Problem(
        travel=Travel(xy=np.array([[0, 0], [3, 4], [6, 8]]), scale=60),
        jobs=tuple(Job(id=f"J{at}", location=at, service_s=1800, cost_per_s=1) for at in (1, 2)),
        crews=(Crew(id="A", start=0, end=0, breaks=(Break(window=(0, 1800), duration_s=600),)),),
    )
    return problem, solve(problem, work=20, processes=1)


def test_a_plan_is_drawn_with_its_crews_jobs_and_a_map(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    problem, plan = day()
    figure = plan.plot(problem)
    ways, board = figure.axes
    assert [text.get_text() for text in board.get_yticklabels()] == ["A"]
    assert {text.get_text() for text in ways.texts} == {"J1", "J2"}
    figure.savefig(tmp_path / "plan.png")
    assert (tmp_path / "plan.png").stat().st_size > 5000


def test_without_points_or_visits_there_is_a_board_alone() -> None:
    pytest.importorskip("matplotlib")
    problem, plan = day()
    table = Problem(
        travel=Travel(durations_s=problem.travel.matrix_s), jobs=problem.jobs, crews=problem.crews
    )
    assert len(plan.plot().axes) == len(plan.plot(table).axes) == 1
    assert len(Plan(status="feasible", cost=0).plot(problem).axes) == 2


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise ImportError

    monkeypatch.setattr(drawing, "import_module", missing)
    with pytest.raises(drawing.NoPlot, match=r"gridcrew\[plot\]"):
        day()[1].plot()


def test_progress_stays_on_one_line() -> None:
    out = io.StringIO()
    line = ProgressLine(out, every_s=1.0)
    for seconds, cost in ((0.1, float("inf")), (0.2, 900.0), (0.5, 800.0), (1.3, 700.0)):
        line(Progress(seconds=seconds, cost=cost, bound=650.0, work=1))
    assert "\n" not in out.getvalue()
    assert out.getvalue().split("\r")[1:] == [
        "0.2 s: cost 900, no plan below 650   ",
        "1.3 s: cost 700, no plan below 650   ",
    ]
