"""A plan for other programs: GeoJSON for maps, GPX for navigation, ICS for calendars.

The same plan gives the same bytes: nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import gpxpy.gpx
import icalendar
import numpy as np

from ..ground.day import BlockCard, DayPlan, Etr, JobCard, Outage
from ..ground.plan import Route, Visit
from ..planning.summary import blocks_back
from ..sheets.drives import Drives, moment

DECIMALS = 6
"""Of degrees: a tenth of a metre."""

Feature = dict[str, Any]


def plan_geojson(day: DayPlan) -> dict[str, Any]:
    """Return depots, routes, stops, outages and blocks as one GeoJSON collection (RFC 7946).

    Every feature has a property `type`: depot, route, stop, outage or block.

    Parameters
    ----------
    day : the planned day.

    Returns
    -------
    dict
        A FeatureCollection; coordinates are lon, lat in WGS 84.
    """
    settings = day.case.settings
    return {
        "type": "FeatureCollection",
        "case": settings.name,
        "planned_at": day.origin.isoformat(),
        "synthetic": settings.synthetic,
        "attribution": list(settings.attribution),
        "features": [*_depots(day), *_routes(day), *_outages(day), *_blocks(day)],
    }


def crew_geojson(day: DayPlan, crew: str) -> dict[str, Any]:
    """Return one crew's route and stops as GeoJSON; nothing of other crews.

    Parameters
    ----------
    crew : id of a crew in the plan.

    Returns
    -------
    dict
        A FeatureCollection of this crew alone.
    """
    route = _route_of(day, crew)
    stops = [_stop(day, route, number) for number in range(1, len(route.visits) + 1)]
    features = [_route(day, route), *stops] if route.visits else []
    return {"type": "FeatureCollection", "planned_at": day.origin.isoformat(), "features": features}


def _feature(kind: str, geometry: Feature | None, properties: Mapping[str, Any]) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": {"type": kind, **properties}}


def _point(lon: float, lat: float) -> Feature:
    return {"type": "Point", "coordinates": _rounded([(lon, lat)])[0]}


def _rounded(points: Iterable[Sequence[float]]) -> list[list[float]]:
    return [[round(float(lon), DECIMALS), round(float(lat), DECIMALS)] for lon, lat in points]


def _depots(day: DayPlan) -> list[Feature]:
    return [
        _feature("depot", _point(depot.lon, depot.lat), {"id": depot.id, "name": depot.name})
        for depot in day.case.depots
    ]


def _routes(day: DayPlan) -> list[Feature]:
    features = []
    for route in day.plan.routes:
        if not route.visits:
            continue
        features.append(_route(day, route))
        features += [_stop(day, route, number) for number in range(1, len(route.visits) + 1)]
    return features


def _route(day: DayPlan, route: Route) -> Feature:
    drives = Drives(day, route)
    line = _rounded(point for leg in drives.legs for point in leg.line)
    line = [point for number, point in enumerate(line) if number == 0 or point != line[number - 1]]
    crew = day.case.crew_by_id.get(route.crew)
    properties = {
        "crew": route.crew,
        "name": crew.name if crew else route.crew,
        "stops": len(route.visits),
        "drive_s": sum(leg.drive_s for leg in drives.legs),
        "length_m": round(sum(leg.length_m for leg in drives.legs)),
        "back_at": _iso(drives.back_at()),
    }
    geometry = {"type": "LineString", "coordinates": line} if len(line) > 1 else None
    return _feature("route", geometry, properties)


def _stop(day: DayPlan, route: Route, number: int) -> Feature:
    visit = route.visits[number - 1]
    card = day.cards[visit.job]
    properties = {
        "crew": route.crew,
        "number": number,
        "job": card.id,
        "order": card.order,
        "kind": card.kind,
        "title": card.title,
        "class": card.class_,
        "tier": card.tier,
        "address": card.address,
        "customers_out": card.customers_out,
        "remote": card.remote,
        "arrive": _iso(moment(day, visit.arrival_s)),
        "start": _iso(moment(day, visit.start_s)),
        "finish": _iso(moment(day, visit.finish_s)),
    }
    return _feature("stop", _point(card.lon, card.lat), properties)


def _outages(day: DayPlan) -> list[Feature]:
    etr_of = {etr.outage: etr for etr in day.etrs}
    return [_outage(day, outage, etr_of.get(outage.id)) for outage in day.outages]


def _outage(day: DayPlan, outage: Outage, etr: Etr | None) -> Feature:
    properties = {
        "id": outage.id,
        "fault": outage.fault.place,
        "component": outage.component,
        "since": _iso(outage.since),
        "customers_out": outage.customers_out,
        "score": round(outage.score, 4),
        "confirmed": outage.confirmed,
        "requests": list(outage.requests),
        "transformers": list(outage.transformers),
        "status": etr.status if etr else None,
        "etr_median": _iso(etr.median) if etr else None,
        "etr_p90": _iso(etr.p90) if etr else None,
    }
    return _feature("outage", _where(day, outage), properties)


def _where(day: DayPlan, outage: Outage) -> Feature | None:
    """Place an outage at its repair, else in the middle of what it puts out."""
    orders = {order.id for order in day.orders if order.outage == outage.id}
    repair = next(
        (card for card in day.cards.values() if card.order in orders and card.kind == "repair"), None
    )
    if repair is not None:
        return _point(repair.lon, repair.lat)
    points = _transformer_points(day, outage.transformers)
    return _point(*np.mean(points, axis=0)) if points else None


def _blocks(day: DayPlan) -> list[Feature]:
    left_out = {block.id for block in day.problem.blocks} - blocks_back(day, day.plan).keys()
    restored = {block.id: block.restored_s for block in day.plan.blocks if block.id not in left_out}
    return [_block(day, block, restored.get(block.id)) for block in day.blocks]


def _block(day: DayPlan, block: BlockCard, restored_s: int | None) -> Feature:
    points = _transformer_points(day, block.transformers)
    properties = {
        "id": block.id,
        "outages": list(block.outages),
        "customers": block.customers,
        "since": _iso(block.since),
        "restored_at": _iso(moment(day, restored_s)) if restored_s is not None else None,
    }
    geometry = {"type": "MultiPoint", "coordinates": _rounded(points)} if points else None
    return _feature("block", geometry, properties)


def _transformer_points(day: DayPlan, names: Sequence[str]) -> list[tuple[float, float]]:
    transformers = day.case.grid.transformers
    places = dict(
        zip(transformers.ids.tolist(), zip(transformers.lon, transformers.lat, strict=True), strict=True)
    )
    return [(float(places[name][0]), float(places[name][1])) for name in names if name in places]


def _iso(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when is not None else None


def crew_gpx(day: DayPlan, crew: str) -> bytes:
    """Return a crew's route as GPX 1.1: a way point per stop, and the drive as a track.

    Parameters
    ----------
    crew : id of a crew in the plan.

    Returns
    -------
    bytes
        The file, UTF-8.
    """
    route = _route_of(day, crew)
    gpx = gpxpy.gpx.GPX()
    gpx.creator = "gridcrew"
    gpx.name = f"{day.case.settings.name}, {_crew_name(day, crew)}"
    gpx.time = day.origin.astimezone(UTC)
    for number, (visit, card) in enumerate(_visits(day, route), 1):
        point = gpxpy.gpx.GPXWaypoint(latitude=card.lat, longitude=card.lon, time=_utc(day, visit.arrival_s))
        point.name = f"{number} {card.class_} {card.address}"
        point.description = _description(card, day.case.settings.language)
        gpx.waypoints.append(point)
    track = gpxpy.gpx.GPXTrack(name=_crew_name(day, crew))
    for leg in Drives(day, route).legs:
        if leg.line:
            points = [gpxpy.gpx.GPXTrackPoint(latitude=lat, longitude=lon) for lon, lat in leg.line]
            track.segments.append(gpxpy.gpx.GPXTrackSegment(points=points))
    gpx.tracks.append(track)
    return str(gpx.to_xml(version="1.1")).encode()


def crew_ics(day: DayPlan, crew: str) -> bytes:
    """Return a crew's visits as a calendar (RFC 5545), an event each, in UTC.

    Parameters
    ----------
    crew : id of a crew in the plan.

    Returns
    -------
    bytes
        The file, UTF-8.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//gridcrew//route//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{day.case.settings.name}, {_crew_name(day, crew)}")
    for number, (visit, card) in enumerate(_visits(day, _route_of(day, crew)), 1):
        event = icalendar.Event()
        event.add("uid", f"{card.id}.{crew}@gridcrew")
        event.add("dtstamp", day.origin.astimezone(UTC))
        event.add("dtstart", _utc(day, visit.start_s))
        event.add("dtend", _utc(day, visit.finish_s))
        event.add("summary", f"{number} {card.class_} {card.title}, {card.address}")
        event.add("location", card.address)
        event.add("geo", (round(card.lat, DECIMALS), round(card.lon, DECIMALS)))
        event.add("description", _description(card, day.case.settings.language))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _visits(day: DayPlan, route: Route) -> list[tuple[Visit, JobCard]]:
    cards = [(visit, day.cards[visit.job]) for visit in route.visits]
    return [(visit, card) for visit, card in cards if not card.remote]


def _route_of(day: DayPlan, crew: str) -> Route:
    return next((route for route in day.plan.routes if route.crew == crew), Route(crew=crew, start=0))


def _crew_name(day: DayPlan, crew: str) -> str:
    shift = day.case.crew_by_id.get(crew)
    return shift.name if shift else crew


def _description(card: JobCard, language: str) -> str:
    parts = (card.hazard_in(language), card.access, card.customer_name, card.phone, *card.words)
    return "\n".join(part for part in parts if part)


def _utc(day: DayPlan, seconds: int) -> datetime:
    return moment(day, seconds).astimezone(UTC)
