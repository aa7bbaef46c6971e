"""The day as data, under `/api/v1`."""

from __future__ import annotations

from flask import Blueprint, Response

from .access import OFFICE, allow
from .board_data import board_data
from .current import derived
from .detail_data import crew_detail, job_detail, outage_detail
from .language import current_language
from .map_data import drive_paths, grid_bytes, road_bytes
from .transfer import pack, pack_json, send

BINARY = "application/octet-stream"

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.get("/board")
@allow(*OFFICE)
def board() -> Response:
    """Jobs, crews, outages, promises and the curve of customers off supply."""
    kept = derived()
    return send(kept.get("board.json", lambda _: pack_json(kept_board())))


def kept_board() -> dict[str, object]:
    """Return the board's data, made once per version of the day."""
    return board_data(derived().source.day())


@api.get("/map/roads")
@allow(*OFFICE)
def roads() -> Response:
    """Every street, in the format of `web.map_data`."""
    return send(derived().get("roads", lambda day: pack(road_bytes(day), BINARY)))


@api.get("/map/grid")
@allow(*OFFICE)
def grid() -> Response:
    """Every line of the grid with its supply, in the format of `web.map_data`."""
    return send(derived().get("grid", lambda day: pack(grid_bytes(day), BINARY)))


@api.get("/map/drives")
@allow(*OFFICE)
def drives() -> Response:
    """The drives of every crew along the roads."""
    return send(derived().get("drives", lambda day: pack_json(drive_paths(day))))


@api.get("/jobs/<path:job>")
@allow(*OFFICE)
def job(job: str) -> Response:
    """Why one job is done by whom and when."""
    language = current_language()
    return send(derived().get(("job", job, language), lambda day: pack_json(job_detail(day, job, language))))


@api.get("/outages/<path:outage>")
@allow(*OFFICE)
def outage(outage: str) -> Response:
    """What one outage is, who says so, and what restores it."""
    language = current_language()
    key = ("outage", outage, language)
    return send(derived().get(key, lambda day: pack_json(outage_detail(day, outage, language))))


@api.get("/crews/<path:crew>")
@allow(*OFFICE)
def crew(crew: str) -> Response:
    """One crew's shift, skills, stock and stops."""
    return send(derived().get(("crew", crew), lambda day: pack_json(crew_detail(day, crew))))


@api.get("/health")
@allow(*OFFICE)
def health() -> Response:
    """Whether the server answers and which version of the day it shows."""
    return send(pack_json({"status": "ok", "day": derived().source.version}))
