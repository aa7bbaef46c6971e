"""Map sketches: lines inside their frame, at the right scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.sheets.sketch import StreetLines, _clipped, _round_length, draw

TOWN = StreetLines(
    lon_from=np.array([-71.26, -71.26]),
    lat_from=np.array([-29.91, -29.90]),
    lon_to=np.array([-71.24, -71.24]),
    lat_to=np.array([-29.91, -29.90]),
    rank=np.array([3, 3]),
)


def test_a_way_to_the_east_runs_to_the_right_at_scale() -> None:
    sketch = draw(TOWN, [(-71.26, -29.91), (-71.25, -29.91)], [(-71.25, -29.91, "1")])
    (x1, y1), (x2, y2) = sketch.way
    assert x2 > x1
    assert y1 == pytest.approx(y2)
    # 0.01 degrees of longitude at this latitude are 964 m.
    length_m = (x2 - x1) * sketch.scale_m / sketch.scale
    assert length_m == pytest.approx(964, rel=0.01)


def test_north_is_up() -> None:
    sketch = draw(TOWN, [(-71.25, -29.91), (-71.25, -29.90)], [(-71.25, -29.90, "1")])
    assert sketch.way[1][1] < sketch.way[0][1]


def test_a_place_without_a_drive_has_a_sketch_too() -> None:
    sketch = draw(TOWN, [], [(-71.25, -29.91, "1")])
    assert len(sketch.way) == 0
    assert sketch.marks[0][:2] == pytest.approx((0.5, sketch.height / 2))


numbers = st.floats(min_value=-3, max_value=3, allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=20))
def test_clipped_lines_lie_in_the_frame_and_on_their_line(
    lines: list[tuple[float, float, float, float]],
) -> None:
    array = np.array(lines)
    clipped = _clipped(array, 0.66)
    assert (clipped[:, [0, 2]] >= -1e-9).all()
    assert (clipped[:, [0, 2]] <= 1 + 1e-9).all()
    assert (clipped[:, [1, 3]] >= -1e-9).all()
    assert (clipped[:, [1, 3]] <= 0.66 + 1e-9).all()
    inside = (
        (array >= 0).all(axis=1)
        & (array[:, [0, 2]] <= 1).all(axis=1)
        & (array[:, [1, 3]] <= 0.66).all(axis=1)
    )
    moving = np.abs(array[:, :2] - array[:, 2:]).max(axis=1) > 1e-6
    assert len(clipped) >= (inside & moving).sum()


@pytest.mark.parametrize(
    ("length_m", "rounded"), [(0.5, 1), (3, 2), (49, 20), (50, 50), (999, 500), (1000, 1000)]
)
def test_scales_are_round_lengths(length_m: float, rounded: int) -> None:
    assert _round_length(length_m) == rounded
