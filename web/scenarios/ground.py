"""What the map of a study asks of the city: storm tracks that are brought, streets that are clicked."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import numpy as np
from flask import jsonify, request
from werkzeug.wrappers import Response as Answer

from dispatch.ground.case import Case
from dispatch.ground.errors import Fault, InputFaults
from dispatch.intake.bounded import Bounds, bounded
from dispatch.simulate.tracks import Track, nearest, read_tracks, wind_of

from ..day.current import current_day

MOST_TRACK_B = 8 * 2**20
# A file of a whole basin holds hundreds of storms; those that came near are what is looked for.
MOST_SHOWN = 60
BOUNDS = Bounds(seconds=20.0)


def tracks_told() -> Answer:
    """The storms of the file that was sent, those that came nearest to the city first.

    Raises
    ------
    InputFaults, TooMuch
        The file cannot be read.
    """
    sent = request.files.get("file")
    name = PurePath(sent.filename or "").name[:80] if sent else ""
    if sent is None or not name:
        raise InputFaults([Fault(file="file", place="", text="is missing; choose a file of storm tracks")])
    body = sent.stream.read(MOST_TRACK_B + 1)
    if len(body) > MOST_TRACK_B:
        text = f"is too large; at most {MOST_TRACK_B // 2**20} MiB: take a file of one season"
        raise InputFaults([Fault(file=name, place="", text=text)])
    place = middle(current_day().case)
    found = bounded(read_tracks, body, name, bounds=BOUNDS)
    near = sorted(((*nearest(each, place), each) for each in found), key=lambda each: each[1])
    told = [_told(track, place, away_km) for _, away_km, track in near[:MOST_SHOWN]]
    return jsonify(storms=told, of=len(found), middle=place)


def _told(track: Track, place: tuple[float, float], away_km: float) -> dict[str, Any]:
    moments = track.moments
    told: dict[str, Any] = {
        "name": track.name,
        "first": moments[0].at.isoformat(),
        "last": moments[-1].at.isoformat(),
        "near_km": round(away_km),
        "near_at": nearest(track, place)[0].isoformat(),
    }
    try:
        wind = wind_of(track, place, 0.0)
    except ValueError as error:
        return told | {"storm": None, "why": str(error)}
    storm = {
        "track": [point.model_dump(mode="json") for point in wind.track],
        "max_ms": wind.max_ms,
        "radius_km": wind.radius_km,
        "south": wind.south,
    }
    return told | {"storm": storm}


def middle(case: Case) -> tuple[float, float]:
    """The middle of a city: lon and lat of the median customer."""
    table = case.customers.table
    return float(np.nanmedian(table["lon"])), float(np.nanmedian(table["lat"]))


def street_told(lon: float, lat: float) -> Answer:
    """The street that passes nearest to a place: its name, and the stretch between two junctions."""
    roads = current_day().case.roads
    at = roads.nearest_edge(lon, lat)
    if at is None:
        return jsonify(street="", edge=[], line=[])
    ends = (int(roads.tail[at]), int(roads.head[at]))
    line = [[float(roads.lon[end]), float(roads.lat[end])] for end in ends]
    return jsonify(street=str(roads.name[at] or ""), edge=[str(roads.ids[end]) for end in ends], line=line)
