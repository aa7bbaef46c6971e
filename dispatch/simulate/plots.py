"""Plots that can be read on grey paper: drawn once, as SVG or onto a page of a PDF."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 900.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 70.0, 20.0, 15.0, 45.0
# Okabe and Ito's colours, told apart by colour-blind readers too; dashes help on grey paper.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
DASHES: tuple[tuple[float, ...], ...] = ((), (8, 4), (2, 4), (12, 4, 2, 4), (4, 4), (1, 3))
GREY = "#dddddd"
ROW_HEIGHT = 26.0
LEGEND_HEIGHT = 18.0
LEAST = 1e-9  # end of an axis

Points = Sequence[tuple[float, float]]


class Band(NamedTuple):
    """A curve with its band: (3, m) low, middle, high."""

    name: str
    values: NDArray[np.float64]


class Span(NamedTuple):
    """A named value with its interval."""

    name: str
    low: float
    middle: float
    high: float


class Ink(Protocol):
    """What a plot is drawn with; places in units of the plot, y downwards."""

    def line(self, points: Points, colour: str, width: float = 1.0, dashes: tuple[float, ...] = ()) -> None:
        """Draw through points."""

    def area(self, points: Points, colour: str) -> None:
        """Fill lightly."""

    def text(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        """Write with the foot at y; anchor is start, middle or end."""


class Svg:
    """Ink that becomes an SVG element with a name for those who cannot see it."""

    def __init__(self, label: str, height: float = HEIGHT) -> None:
        self.label, self.height = label, height
        self.parts: list[str] = []

    def line(self, points: Points, colour: str, width: float = 1.0, dashes: tuple[float, ...] = ()) -> None:
        """Draw through points."""
        dash = f' stroke-dasharray="{" ".join(f"{each:g}" for each in dashes)}"' if dashes else ""
        self.parts.append(
            f'<polyline points="{_pairs(points)}" fill="none" '
            f'stroke="{colour}" stroke-width="{width:g}"{dash}/>'
        )

    def area(self, points: Points, colour: str) -> None:
        """Fill lightly."""
        self.parts.append(f'<polygon points="{_pairs(points)}" fill="{colour}" opacity="0.15"/>')

    def text(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        """Write with the foot at y."""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'fill="currentColor">{html.escape(text)}</text>'
        )

    def __str__(self) -> str:
        return (
            f'<svg viewBox="0 0 {WIDTH:g} {self.height:g}" role="img" aria-label="{html.escape(self.label)}" '
            f'font-size="13" font-family="sans-serif">{"".join(self.parts)}</svg>'
        )


def _pairs(points: Points) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def draw_bands(ink: Ink, curves: Sequence[Band], step_h: float, label: str) -> None:
    """Curves over hours from the start, each with its band; their names above, two in a line."""
    most = _most(float(each.values.max()) for each in curves)
    points = max(each.values.shape[1] for each in curves)
    last_h = (points - 1) * step_h or 1.0
    top = TOP + LEGEND_HEIGHT * ((len(curves) + 1) // 2)

    def place(hour: float, value: float) -> tuple[float, float]:
        x = LEFT + hour / last_h * (WIDTH - LEFT - RIGHT)
        return x, HEIGHT - BOTTOM - value / most * (HEIGHT - top - BOTTOM)

    for value in ticks(most):
        _, y = place(0, value)
        ink.line([(LEFT, y), (WIDTH - RIGHT, y)], GREY)
        ink.text(LEFT - 6, y + 4, f"{value:,.0f}", "end")
    for hour in np.arange(0, last_h + 1e-9, 6 if last_h <= 72 else 24):
        ink.text(place(hour, 0)[0], HEIGHT - BOTTOM + 18, f"{hour:g}", "middle")
    ink.text(WIDTH / 2, HEIGHT - 6, label, "middle")
    for number, curve in enumerate(curves):
        low, _, high = curve.values
        hours = np.arange(len(low)) * step_h
        edge = [*zip(hours, high, strict=True), *reversed([*zip(hours, low, strict=True)])]
        ink.area([place(hour, value) for hour, value in edge], COLOURS[number % len(COLOURS)])
    for number, curve in enumerate(curves):
        middle = curve.values[1]
        hours = np.arange(len(middle)) * step_h
        _named_line(ink, curve.name, number, [place(h, v) for h, v in zip(hours, middle, strict=True)])


def _named_line(ink: Ink, name: str, number: int, points: Points) -> None:
    colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    ink.line(points, colour, 2, dashes)
    row, column = divmod(number, 2)
    x, y = LEFT + column * (WIDTH - LEFT - RIGHT) / 2, TOP + LEGEND_HEIGHT * row
    ink.line([(x, y - 4), (x + 35, y - 4)], colour, 2, dashes)
    ink.text(x + 42, y, name if len(name) <= 40 else f"{name[:39]}…")


def _most(values: Iterable[float]) -> float:
    """The end of an axis: the largest value, 1 where there is none above 0."""
    most = max((value for value in values if math.isfinite(value)), default=0.0)
    return most if most > LEAST else 1.0


def ticks(most: float) -> list[float]:
    """Round values from 0 up to `most`, four to eight of them."""
    step = 10.0 ** np.floor(np.log10(most))
    step *= next(part for part in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0) if most / (step * part) <= 8)
    return [float(each) for each in np.arange(0, most * (1 + 1e-9), step)]


def spans_height(count: int) -> float:
    """Height of a plot of so many spans."""
    return ROW_HEIGHT * count + BOTTOM + TOP


def draw_spans(ink: Ink, spans: Sequence[Span], label: str) -> None:
    """Values with their intervals, one below the other, from 0 on."""
    most = _most(each.high for each in spans)
    left = 300.0
    bottom = TOP + ROW_HEIGHT * len(spans)

    def x(value: float) -> float:
        return left + value / most * (WIDTH - left - RIGHT - 60)

    for value in ticks(most):
        ink.line([(x(value), TOP), (x(value), bottom)], GREY)
        ink.text(x(value), bottom + 16, f"{value:,g}", "middle")
    for number, span in enumerate(spans):
        y = TOP + ROW_HEIGHT * (number + 0.5)
        colour = COLOURS[number % len(COLOURS)]
        ink.text(left - 10, y + 4, span.name if len(span.name) <= 40 else f"{span.name[:39]}…", "end")
        ink.line([(x(span.low), y), (x(span.high), y)], colour, 2)
        for end in (span.low, span.high):
            ink.line([(x(end), y - 5), (x(end), y + 5)], colour, 2)
        ink.line([(x(span.middle), y - 8), (x(span.middle), y + 8)], colour, 4)
    ink.text(WIDTH / 2, bottom + 36, label, "middle")
