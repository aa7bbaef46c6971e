"""The day as data, under `/api/v1`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app

from dispatch.ground.day import DayPlan
from dispatch.live import Desk

from ..board.detail import crew_detail, job_detail, outage_detail
from ..board.reasons import why_data
from ..board.state import with_news
from ..day.board import board_data
from ..day.current import current_day, derived
from ..day.map import Leg, drive_paths, grid_bytes, road_bytes
from ..entrance.access import OFFICE, allow
from ..entrance.bodies import json_body
from ..entrance.discretion import shown
from ..rulebook.data import tried
from ..rulebook.page import asked_policy
from ..server.transfer import Packed, pack, pack_json, send
from ..words.language import current_language

BINARY = "application/octet-stream"

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.get("/board")
@allow(*OFFICE)
def board() -> Response:
    """Jobs, crews, outages, promises and the curve of customers off supply."""
    return send(packed_board())


def packed_board() -> Packed:
    """Return the board's data, made once per version of the day."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    proposed = desk.shelf.proposal if desk else lambda: None
    return derived().get(
        "board.json", lambda day: pack_json(with_news(board_data(day), day, _shown(proposed())))
    )


def packed_roads() -> Packed:
    """Return the streets, made once."""
    return derived().lasting("roads", None, lambda day: pack(road_bytes(day), BINARY))


def packed_grid() -> Packed:
    """Return the grid's lines, made again only when others are without supply."""
    dead = current_day().dead_lines
    return derived().lasting("grid", dead, lambda day: pack(grid_bytes(day), BINARY))


def packed_drives() -> Packed:
    """Return every drive along the roads, made once per version of the day."""
    known: dict[Leg, list[int]] = derived().lasting("legs", None, lambda _: {})
    return derived().get("drives", lambda day: pack_json(drive_paths(day, known)))


def _shown(day: DayPlan | None) -> DayPlan | None:
    return None if day is None else shown(day)


WANTED_BY_ALL = (packed_board, packed_roads, packed_grid, packed_drives)


@api.get("/map/roads")
@allow(*OFFICE)
def roads() -> Response:
    """Every street, in the format of `web.day.map`."""
    return send(packed_roads())


@api.get("/map/grid")
@allow(*OFFICE)
def grid() -> Response:
    """Every line of the grid with its supply, in the format of `web.day.map`."""
    return send(packed_grid())


@api.get("/map/drives")
@allow(*OFFICE)
def drives() -> Response:
    """The drives of every crew along the roads."""
    return send(packed_drives())


@api.get("/jobs/<path:job>")
@allow(*OFFICE)
def job(job: str) -> Response:
    """What stands behind one job: requests, rules, ways to restore.

    A job that the plan before had, and the plan in force has no more, is told as it was then, with `gone`.
    """
    return send(derived().get(("job", job), lambda day: pack_json(_job(day, job))))


def _job(day: DayPlan, job: str) -> dict[str, Any]:
    before = derived().before() if job not in day.cards else None
    is_gone = before is not None and job in before.cards
    return job_detail(before if before is not None and is_gone else day, job) | {"gone": is_gone}


@api.get("/why/<path:job>")
@allow(*OFFICE)
def why(job: str) -> Response:
    """Why this crew does a job, or nobody, and what the others would cost."""
    language = current_language()
    return send(derived().get(("why", job, language), lambda day: pack_json(why_data(day, job, language))))


@api.get("/outages/<path:outage>")
@allow(*OFFICE)
def outage(outage: str) -> Response:
    """What one outage is, who says so, and what restores it."""
    return send(
        derived().get(("outage", outage), lambda day: pack_json(outage_detail(_knowing(day, outage), outage)))
    )


def _knowing(day: DayPlan, outage: str) -> DayPlan:
    """The plan in force, or the proposal where that alone knows an outage."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    proposed = _shown(desk.shelf.proposal()) if desk is not None and outage not in day.outage_by_id else None
    return proposed if proposed is not None and outage in proposed.outage_by_id else day


@api.get("/crews/<path:crew>")
@allow(*OFFICE)
def crew(crew: str) -> Response:
    """One crew's shift, skills, stock and stops."""
    return send(derived().get(("crew", crew), lambda day: pack_json(crew_detail(day, crew))))


@api.post("/rulebook/try")
@allow(*OFFICE)
def rulebook_try() -> Response:
    """Put facts through one stage of the policy in force; nothing is kept."""
    body = json_body()
    given = body if isinstance(body, dict) else {}
    number = given.get("version")
    policy = asked_policy(number if isinstance(number, int) else None)
    return send(pack_json(tried(policy, given.get("stage"), given.get("facts"))))


@api.get("/health")
@allow(*OFFICE)
def health() -> Response:
    """Whether the server answers and which version of the day it shows."""
    return send(pack_json({"status": "ok", "day": derived().source.version}))
