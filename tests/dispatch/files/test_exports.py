"""A plan for other programs."""

from __future__ import annotations

import json
from itertools import pairwise

import gpxpy
import icalendar
import pytest

from dispatch.files.exports import crew_gpx, crew_ics, plan_geojson
from dispatch.ground.day import DayPlan
from tests.dispatch.sheets.made_day import made_day
from tests.prepared import small_case


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> DayPlan:
    return made_day(small_case())


def test_geojson_holds_depots_routes_stops_outages_and_blocks(day: DayPlan) -> None:
    collection = json.loads(json.dumps(plan_geojson(day), allow_nan=False))
    kinds = [feature["properties"]["type"] for feature in collection["features"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "depot": 2,
        "route": 1,
        "stop": 2,
        "outage": 1,
        "block": 1,
    }
    assert collection["synthetic"] == "everything in this case is made up"
    by_kind = {feature["properties"]["type"]: feature for feature in collection["features"]}
    assert by_kind["block"]["properties"]["restored_at"] == "2026-07-14T19:01:00-04:00"
    assert by_kind["outage"]["properties"]["etr_median"] == "2026-07-14T19:30:00-04:00"
    assert by_kind["outage"]["geometry"]["coordinates"] == [-71.253772, -29.90639]


def test_a_route_drives_from_the_depot_over_its_stops_and_back(day: DayPlan) -> None:
    features = plan_geojson(day)["features"]
    (route,) = (feature for feature in features if feature["properties"]["type"] == "route")
    line = route["geometry"]["coordinates"]
    assert line[0] == line[-1] == [-71.26, -29.91]
    assert [-71.253772, -29.90639] in line
    assert all(a != b for a, b in pairwise(line))


def test_geojson_is_read_by_a_map_program(day: DayPlan, tmp_path: object) -> None:
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.GeoDataFrame.from_features(plan_geojson(day)["features"], crs=4326)
    assert frame.geometry.is_valid.all()


def test_gpx_holds_a_way_point_per_stop_and_the_drive(day: DayPlan) -> None:
    gpx = gpxpy.parse(crew_gpx(day, "crew-1").decode())
    assert [point.name for point in gpx.waypoints] == ["1 P2 Third Street 40", "2 P4 Alder Avenue 8"]
    assert gpx.waypoints[0].time.isoformat() == "2026-07-14T22:30:00+00:00"
    # Out, on, and home.
    assert len(gpx.tracks[0].segments) == 3


def test_ics_holds_an_event_per_visit(day: DayPlan) -> None:
    calendar = icalendar.Calendar.from_ical(crew_ics(day, "crew-1"))
    first, second = calendar.walk("VEVENT")
    assert first["DTSTART"].dt.isoformat() == "2026-07-14T22:31:00+00:00"
    assert "Third Street 40" in first["SUMMARY"]
    assert first["UID"] != second["UID"]


@pytest.mark.parametrize("crew", ["crew-1", "crew-2", "nobody"])
def test_exports_are_the_same_bytes_every_time(day: DayPlan, crew: str) -> None:
    assert crew_gpx(day, crew) == crew_gpx(day, crew)
    assert crew_ics(day, crew) == crew_ics(day, crew)
    assert plan_geojson(day) == plan_geojson(day)
