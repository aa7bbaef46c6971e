"""A crew's route for other programs: GPX for navigation, iCalendar, GeoJSON."""

from __future__ import annotations

import json

from flask import Response

from dispatch.files.exports import crew_geojson, crew_gpx, crew_ics
from dispatch.ground.day import DayPlan

from ..server.transfer import named

TYPES = {"gpx": "application/gpx+xml", "ics": "text/calendar", "geojson": "application/geo+json"}


def exported(day: DayPlan, crew: str, kind: str) -> Response:
    """Return a crew's route as a file of a kind that `TYPES` names."""
    response = Response(_body(day, crew, kind), mimetype=TYPES[kind])
    return named(response, f"{crew}.{kind}")


def _body(day: DayPlan, crew: str, kind: str) -> bytes:
    if kind == "geojson":
        return json.dumps(crew_geojson(day, crew), ensure_ascii=False).encode()
    return crew_gpx(day, crew) if kind == "gpx" else crew_ics(day, crew)
