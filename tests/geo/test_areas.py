"""Areas out of WKT and GeoJSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from geo.areas import read_area
from geo.errors import GeoError

SQUARE = "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"
RING = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]


@pytest.mark.parametrize(
    "text",
    [
        SQUARE,
        json.dumps({"type": "Polygon", "coordinates": [RING]}),
        json.dumps(
            {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [RING]}}
        ),
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING]}}],
            }
        ),
    ],
    ids=["wkt", "polygon", "feature", "collection"],
)
def test_an_area_covers_what_lies_inside_however_it_is_written(text: str) -> None:
    area = read_area(text)
    assert area.covers([1, 3, 2], [1, 1, 2]).tolist() == [True, False, True]


def test_a_line_that_only_crosses_meets_the_area() -> None:
    area = read_area(SQUARE)
    found = area.meets(
        np.array([-1.0, -1.0]), np.array([1.0, 3.0]), np.array([3.0, 3.0]), np.array([1.0, 3.0])
    )
    assert found.tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("POLYGON ((0 0, 2", "neither WKT nor GeoJSON"),
        ("POINT (1 1)", "expected a polygon"),
        ("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "not sound"),
        ("POLYGON ((0 0, 900 0, 900 2, 0 2, 0 0))", "degrees"),
        ('{"type": "Feature"}', "neither WKT nor GeoJSON"),
        ("{", "neither WKT nor GeoJSON"),
        ("", "neither WKT nor GeoJSON"),
    ],
)
def test_what_is_no_area_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(GeoError, match=said):
        read_area(text, "flood.geojson")
