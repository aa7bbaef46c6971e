"""The map that a phone keeps: the route and its surroundings in one small file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
from flask.testing import FlaskClient

from dispatch.live import Desk
from tests.web.test_phone import case, client, clock, crew, desk, phone
from web.day.map import streets
from web.phone import area
from web.phone.area import MAGIC, MOST_B, area_bytes

__all__ = ["case", "client", "clock", "crew", "desk", "phone"]


def parts(body: bytes) -> tuple[bytes, bytes, dict[str, Any]]:
    assert body[:4] == MAGIC
    roads, grid, rest = (int(size) for size in np.frombuffer(body[4:16], dtype="<u4"))
    assert len(body) == 16 + roads + grid + rest
    return body[16 : 16 + roads], body[16 + roads : 16 + roads + grid], json.loads(body[16 + roads + grid :])


def chains(packed: bytes) -> int:
    return int(np.frombuffer(packed[:48], dtype="<f8")[5])


def test_a_phone_gets_streets_grid_stops_and_drives_of_its_own_route(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    answer = client.get("/api/v1/phone/area", headers=phone)
    assert answer.status_code == 200
    roads, grid, rest = parts(answer.data)
    assert chains(roads) > 0
    assert chains(grid) > 0
    route = next(each for each in desk.day().plan.routes if each.crew == crew)
    assert [stop[0] for stop in rest["stops"]] == [visit.job for visit in route.visits]
    assert len(rest["drives"]) == len(route.visits)
    assert {name for name, *_ in rest["switches"]} >= {"RC-1", "TIE-1"}
    assert [open_ for name, *_, open_ in rest["switches"] if name == "TIE-1"] == [1]
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/api/v1/phone/area", headers=phone | tag).status_code == 304


def test_nobody_else_gets_it(client: FlaskClient) -> None:
    assert client.get("/api/v1/phone/area").status_code == 401


def test_a_large_city_is_cut_down_to_the_streets_around_the_route(
    desk: Desk, crew: str, monkeypatch: Any
) -> None:
    day = desk.day()
    # A town of 360,000 streets, 120 m apart, around the small one.
    count = 600
    lon, lat = np.meshgrid(-71.26 + np.arange(count) * 0.0012, -29.91 + np.arange(count) * 0.0011)
    nodes = np.arange(count * count).reshape(count, count)
    first = np.concatenate([nodes[:, :-1].ravel(), nodes[:-1].ravel()])
    second = np.concatenate([nodes[:, 1:].ravel(), nodes[1:].ravel()])
    rank = np.full(len(first), 2, dtype=np.uint8)
    network = (lon.ravel(), lat.ravel(), first, second, rank)
    wide = area_bytes(day, crew, network)
    assert len(wide) < MOST_B
    monkeypatch.setattr(area, "MOST_B", len(wide) // 3)
    narrow = area_bytes(day, crew, network)
    assert chains(parts(narrow)[0]) > 0
    assert len(narrow) < len(wide)


def test_a_crew_without_stops_has_the_surroundings_of_its_depot(desk: Desk, crew: str) -> None:
    day = desk.day()
    routes = tuple(replace(each, visits=()) if each.crew == crew else each for each in day.plan.routes)
    roads, _, rest = parts(area_bytes(replace(day, plan=replace(day.plan, routes=routes)), crew))
    assert rest["stops"] == []
    assert chains(roads) > 0


def test_bends_of_streets_are_kept(desk: Desk) -> None:
    lon, lat, first, second, rank = streets(desk.case.roads)
    assert len(first) == len(second) == len(rank)
    assert max(int(first.max()), int(second.max())) < len(lon) == len(lat)
