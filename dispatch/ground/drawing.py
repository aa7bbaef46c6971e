"""A plan drawn with matplotlib, from the extra `plot`: a map of the routes, a time board of the crews."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DispatchError

if TYPE_CHECKING:
    from .plan import Plan, Route
    from .problem import Problem

WIDE, HIGH, ROW = 6.0, 3.0, 0.45  # inches
HOUR_S = 3600.0
# Okabe and Ito's colours, told apart by colour-blind readers too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


class NoPlot(DispatchError):
    """matplotlib is not installed."""


def draw(plan: Plan, problem: Problem | None) -> Any:
    """A figure with a time board of the crews, and a map beside it where the problem has points.

    Parameters
    ----------
    plan : what is drawn.
    problem : its problem; None for the time board alone.

    Returns
    -------
    matplotlib.figure.Figure
        Shown by Jupyter as it is; `savefig` writes it to a file.

    Raises
    ------
    NoPlot
        matplotlib is not installed.
    """
    try:
        figures: Any = import_module("matplotlib.figure")
    except ImportError:
        raise NoPlot("plan.plot needs matplotlib: pip install 'gridcrew[plot]'") from None
    routes = [route for route in plan.routes if route.visits]
    mapped = problem is not None and problem.travel.xy is not None
    high = max(HIGH, 1.0 + ROW * len(routes))
    figure = figures.Figure(figsize=(WIDE * (1 + mapped), high), layout="constrained")
    axes = figure.subplots(1, 1 + mapped, squeeze=False)[0]
    _board(axes[-1], routes)
    if mapped and problem is not None:
        _map(axes[0], routes, problem)
    return figure


def _colour(at: int) -> str:
    return COLOURS[at % len(COLOURS)]


def _board(axes: Any, routes: Sequence[Route]) -> None:
    """Each crew a row: drives as lines, work as bars, breaks hatched."""
    for row, route in enumerate(routes):
        first_s = route.visits[0].arrival_s
        last_s = max(visit.finish_s for visit in route.visits)
        axes.plot([first_s / HOUR_S, last_s / HOUR_S], [row, row], color=_colour(row), linewidth=1)
        for visit in route.visits:
            long_h = (visit.finish_s - visit.start_s) / HOUR_S
            axes.barh(row, long_h, left=visit.start_s / HOUR_S, height=0.6, color=_colour(row), alpha=0.6)
            axes.text(visit.start_s / HOUR_S, row, f" {visit.job}", va="center", fontsize=7, clip_on=True)
        for rest in route.breaks:
            long_h = rest.duration_s / HOUR_S
            axes.barh(
                row,
                long_h,
                left=rest.start_s / HOUR_S,
                height=0.3,
                color="white",
                edgecolor="grey",
                hatch="//",
            )
    axes.set_yticks(range(len(routes)), [route.crew for route in routes])
    axes.invert_yaxis()
    axes.set_xlabel("hours from the origin")


def _map(axes: Any, routes: Sequence[Route], problem: Problem) -> None:
    """Each crew's way from place to place, as the crow flies."""
    points = np.asarray(problem.travel.xy, float)
    places = {job.id: job.location for job in problem.jobs}
    crews = problem.crew_by_id
    for row, route in enumerate(routes):
        end = crews[route.crew].end if route.crew in crews else None
        stops = [route.start, *(places[visit.job] for visit in route.visits if visit.job in places)]
        way = points[[*stops, end] if end is not None else stops]
        axes.plot(way[:, 0], way[:, 1], color=_colour(row), marker="o", markersize=3, label=route.crew)
    for job in problem.jobs:
        axes.annotate(job.id, points[job.location], textcoords="offset points", xytext=(3, 3), fontsize=7)
    axes.set_aspect("equal", adjustable="datalim")
    if routes:
        axes.legend(fontsize=7)
