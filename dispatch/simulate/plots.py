"""Plots as SVG, legible on paper: curves with bands."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 900, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 15, 45
# Okabe and Ito's colours, told apart by colour-blind readers too; dashes help on grey paper.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
DASHES = ("", "8 4", "2 4", "12 4 2 4", "4 4", "1 3")


class Band(NamedTuple):
    """A curve with its band: (3, m) low, middle, high."""

    name: str
    values: NDArray[np.float64]


def band_plot(curves: Sequence[Band], step_h: float, start: datetime) -> str:
    """Curves over hours from the start."""
    most = max((float(each.values.max()) for each in curves), default=0) or 1.0
    points = max(each.values.shape[1] for each in curves)
    last_h = (points - 1) * step_h or 1.0

    def x(hour: float) -> float:
        return LEFT + hour / last_h * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM)

    parts = [*_axes(x, y, most, last_h, start)]
    for number, curve in enumerate(curves):
        parts += _curve(curve, number, step_h, x, y)
    body = "".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="customers without supply over time" '
        f'font-size="13" font-family="sans-serif">{body}</svg>'
    )


def _axes(x, y, most: float, last_h: float, start: datetime) -> list[str]:  # type: ignore[no-untyped-def]
    parts = []
    for value in np.linspace(0, most, 5):
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,.0f}</text>'
        )
    for hour in np.arange(0, last_h + 1e-9, 6 if last_h <= 72 else 24):
        parts.append(
            f'<text x="{x(hour):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{hour:g}</text>'
        )
    label = f"hours from {start:%Y-%m-%d %H:%M}"
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 6}" text-anchor="middle">{label}</text>')
    return parts


def _curve(curve: Band, number: int, step_h: float, x, y) -> list[str]:  # type: ignore[no-untyped-def]
    low, middle, high = curve.values
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    hours = np.arange(len(middle)) * step_h
    edge = [*zip(hours, high, strict=True), *reversed([*zip(hours, low, strict=True)])]
    area = " ".join(f"{x(hour):.1f},{y(value):.1f}" for hour, value in edge)
    line = " ".join(f"{x(hour):.1f},{y(value):.1f}" for hour, value in zip(hours, middle, strict=True))
    at = TOP + 14 + 18 * number
    return [
        f'<polygon points="{area}" fill="{colour}" opacity="0.15"/>',
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dash}"/>',
        f'<line x1="{WIDTH - 260}" x2="{WIDTH - 225}" y1="{at - 4}" y2="{at - 4}" stroke="{colour}" '
        f'stroke-width="2" stroke-dasharray="{dash}"/>',
        f'<text x="{WIDTH - 218}" y="{at}">{html.escape(curve.name)}</text>',
    ]
