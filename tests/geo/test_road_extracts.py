"""Extracts of OpenStreetMap: what is driven, which way, how fast, and which turns are forbidden.

The streets lie on a grid of 0.01 degrees at the equator's side of things: a step to the east or the
north is 1,113 m or 1,106 m at latitude 0, whatever the street.
"""

from __future__ import annotations

import heapq
import math
import random
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from pyproj import Geod

from geo import Roads, load_roads
from geo.errors import GeoError
from geo.roads.osmnx import driven
from geo.roads.tags import Vehicle, directions, refusal, restriction_of, speed_kmh
from geo.roads.turns import Restriction, restrict

STEP = 0.01
Way = tuple[str, dict[str, str]]


def osm(nodes: dict[str, tuple[int, int]], ways: list[Way], more: str = "", barriers: str = "") -> str:
    """Write an extract: nodes by one letter with their place on the grid, ways as letters with tags."""
    parts = ['<osm version="0.6">']
    for at, (name, (x, y)) in enumerate(nodes.items(), start=1):
        tag = '<tag k="barrier" v="bollard"/>' if name in barriers else ""
        parts.append(f'<node id="{at}" lat="{y * STEP}" lon="{x * STEP}" version="1">{tag}</node>')
    number = {name: at for at, name in enumerate(nodes, start=1)}
    for at, (letters, tags) in enumerate(ways, start=101):
        refs = "".join(f'<nd ref="{number[letter]}"/>' for letter in letters)
        said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        parts.append(f'<way id="{at}" version="1">{refs}{said}</way>')
    return "".join([*parts, more, "</osm>"])


def turn(kind: str, from_way: int, via: int, to_way: int) -> str:
    members = (
        f'<member type="way" ref="{from_way}" role="from"/><member type="node" ref="{via}" role="via"/>'
        f'<member type="way" ref="{to_way}" role="to"/>'
    )
    tags = f'<tag k="type" v="restriction"/><tag k="restriction" v="{kind}"/>'
    return f'<relation id="900" version="1">{members}{tags}</relation>'


#   g --- h --- i
#   |     |     |
#   d --- e --- f      rows and columns are ways of their own
#   |     |     |
#   a --- b --- c
PLACES = {name: (at % 3, at // 3) for at, name in enumerate("abcdefghi")}
STREETS = ["abc", "def", "ghi", "adg", "beh", "cfi"]
TOWN: list[Way] = [(street, {"highway": "residential"}) for street in STREETS]


def read(folder: Path, text: str) -> Roads:
    (folder / "roads.osm").write_text(text, encoding="utf-8")
    return load_roads(folder)


def drive(roads: Roads, start: str, end: str) -> tuple[float, float]:
    """Seconds and metres between two corners, of the nodes that crews stop at."""
    lon, lat = zip(*(PLACES[name] for name in (start, end)), strict=True)
    at = roads.snap([x * STEP for x in lon], [y * STEP for y in lat])
    assert at.distance_m.max() < 1
    table = roads.travel(at.node_idx)
    return float(table.durations_s[0, 1]), float(table.distances_m[0, 1])


def metres(*corners: str) -> float:
    points = [PLACES[name] for name in corners]
    lon, lat = ([point[axis] * STEP for point in points] for axis in (0, 1))
    return float(Geod(ellps="WGS84").line_length(lon, lat))


def said(roads: Roads) -> str:
    return "\n".join(map(str, roads.warnings))


def with_tags(street: str, **tags: str) -> list[Way]:
    return [(way, {**known, **tags}) if way == street else (way, known) for way, known in TOWN]


def test_streets_are_joined_where_they_cross(tmp_path):
    seconds, length = drive(read(tmp_path, osm(PLACES, TOWN)), "a", "f")
    assert length == pytest.approx(metres("a", "b", "e", "f"), abs=1)
    assert seconds == pytest.approx(length / (25 / 3.6), abs=1)


@pytest.mark.parametrize(
    ("tags", "there", "back"),
    [
        ({"oneway": "yes"}, "adef", "fcba"),
        ({"oneway": "-1"}, "def", "fed"),
        ({"oneway": "no", "junction": "roundabout"}, "def", "fed"),
    ],
)
def test_one_way_streets_are_driven_one_way(tmp_path, tags, there, back):
    roads = read(tmp_path, osm(PLACES, with_tags("def", **tags)))
    forward, backward = directions({"highway": "residential", **tags})
    assert (drive(roads, "d", "f")[1] == pytest.approx(metres(*"def"), abs=1)) == forward
    assert (drive(roads, "f", "d")[1] == pytest.approx(metres(*"fed"), abs=1)) == backward


def test_roundabouts_and_motorways_are_one_way_unless_they_say_otherwise():
    assert directions({"highway": "tertiary", "junction": "roundabout"}) == (True, False)
    assert directions({"highway": "motorway"}) == (True, False)
    assert directions({"highway": "motorway", "oneway": "no"}) == (True, True)
    assert directions({"highway": "primary"}) == (True, True)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50),
        ("30 mph", 48.28),
        ("50;30", 30),
        ("DE:urban", 50),
        ("RO:rural", 90),
        ("GB:zone30", 30),
        ("walk", 7),
        ("none", None),
        ("signals", None),
        ("", None),
        ("0", None),
    ],
)
def test_posted_speeds_are_read_as_maps_write_them(text, kmh):
    found = speed_kmh(text)
    assert math.isnan(found) if kmh is None else found == pytest.approx(kmh, abs=0.01)


def test_a_posted_limit_each_way_and_a_bad_surface_set_the_time(tmp_path):
    tags = {"highway": "primary", "maxspeed:forward": "60", "maxspeed:backward": "40", "maxspeed": "90"}
    roads = read(tmp_path, osm(PLACES, with_tags("abc", **tags)))
    assert drive(roads, "a", "b")[0] == pytest.approx(metres(*"ab") / (60 * 0.85 / 3.6), abs=1)
    assert drive(roads, "b", "a")[0] == pytest.approx(metres(*"ab") / (40 * 0.85 / 3.6), abs=1)
    muddy = read(tmp_path, osm(PLACES, with_tags("abc", surface="mud", maxspeed="50")))
    assert drive(muddy, "a", "b")[0] == pytest.approx(metres(*"ab") / (12 / 3.6), abs=1)


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"access": "private"}, "private or closed to vehicles"),
        ({"motor_vehicle": "no"}, "private or closed to vehicles"),
        ({"hgv": "no"}, "private or closed to vehicles"),
        ({"maxheight": "3.2"}, "too low"),
        ({"maxheight": "10'6"}, "too low"),
        ({"maxweight": "7.5"}, "too weak"),
        ({"maxwidth": "2 m"}, "too narrow"),
    ],
)
def test_streets_that_the_truck_must_not_drive_are_left_out_and_counted(tmp_path, tags, why):
    roads = read(tmp_path, osm(PLACES, with_tags("def", **tags)))
    assert drive(roads, "d", "f")[1] == pytest.approx(metres(*"dabcf"), abs=1)
    assert "1 ways" in said(roads)
    assert why in said(roads)


def test_a_small_van_drives_where_a_truck_does_not():
    van = Vehicle(height_m=2.0, width_m=1.9, weight_t=3.0)
    for tags in ({"maxheight": "2.2"}, {"maxweight": "3.5"}, {"maxwidth": "2"}, {"hgv": "no"}):
        assert refusal({"highway": "service", **tags}, van) == ""
        assert refusal({"highway": "service", **tags}, Vehicle()) != ""
    assert refusal({"highway": "service", "access": "no", "motor_vehicle": "destination"}, van) == ""
    assert refusal({"highway": "footway"}, van) != ""


@pytest.mark.parametrize(
    ("tags", "truck", "van"),
    [
        ({"access": "no", "hgv": "yes"}, True, False),
        ({"motor_vehicle": "no", "hgv": "delivery"}, True, False),
        ({"hgv": "destination"}, True, True),
        ({"access": "private", "motor_vehicle": "permissive"}, True, True),
        ({"motorcar": "no"}, False, False),
        ({"vehicle": "forestry"}, False, False),
        ({"access": "customers"}, True, True),
    ],
)
def test_the_most_particular_word_on_access_decides_and_what_is_said_of_trucks_binds_one(tags, truck, van):
    small = Vehicle(height_m=2.0, width_m=1.9, weight_t=3.0)
    for vehicle, may in ((Vehicle(), truck), (small, van)):
        assert (refusal({"highway": "service", **tags}, vehicle) == "") == may
        assert bool(driven(pd.DataFrame([{"highway": "service", **tags}]), vehicle)[0][0]) == may


@pytest.mark.parametrize(
    ("tags", "ways"),
    [
        ({"vehicle:backward": "no"}, (True, False)),
        ({"motor_vehicle:forward": "no"}, (False, True)),
        ({"hgv:forward": "no"}, (False, True)),
        ({"oneway": "yes", "access:forward": "private"}, (False, False)),
    ],
)
def test_a_street_that_is_closed_in_one_direction_is_driven_in_the_other(tmp_path, tags, ways):
    assert directions({"highway": "residential", **tags}) == ways
    roads = read(tmp_path, osm(PLACES, with_tags("def", **tags)))
    assert (drive(roads, "d", "f")[1] == pytest.approx(metres(*"def"), abs=1)) == ways[0]
    assert (drive(roads, "f", "d")[1] == pytest.approx(metres(*"fed"), abs=1)) == ways[1]


NO_LEFT = "no_left_turn"


@pytest.mark.parametrize(
    ("tags", "truck", "van"),
    [
        ({"type": "restriction", "restriction": NO_LEFT}, NO_LEFT, NO_LEFT),
        ({"type": "restriction", "restriction:hgv": NO_LEFT}, NO_LEFT, ""),
        ({"type": "restriction:bicycle", "restriction": NO_LEFT}, "", ""),
        ({"type": "restriction:hgv", "restriction": NO_LEFT}, NO_LEFT, ""),
        ({"type": "restriction", "restriction": NO_LEFT, "except": "hgv"}, "", NO_LEFT),
        ({"type": "restriction", "restriction": NO_LEFT, "except": "motorcar"}, NO_LEFT, ""),
        ({"type": "restriction", "restriction": NO_LEFT, "except": "psv;motor_vehicle"}, "", ""),
        ({"type": "restriction", "restriction:conditional": f"{NO_LEFT} @ (weight>7.5)"}, NO_LEFT, ""),
        ({"type": "restriction", "restriction:conditional": f"{NO_LEFT} @ hgv"}, NO_LEFT, ""),
        ({"type": "restriction", "restriction:conditional": f"{NO_LEFT} @ (Mo-Fr 07:00-19:00)"}, "", ""),
        ({"type": "restriction",
          "restriction:conditional": f"no_u_turn @ (06:00-09:00); {NO_LEFT} @ (height>=3.5)"}, NO_LEFT, ""),
        ({"type": "restriction", "restriction": "none"}, "", ""),
    ],
)  # fmt: skip
def test_a_restriction_binds_the_vehicles_that_it_is_for(tags, truck, van):
    assert restriction_of(tags, Vehicle()) == truck
    assert restriction_of(tags, Vehicle(height_m=2.0, width_m=1.9, weight_t=3.0)) == van


def test_a_restriction_for_heavy_vehicles_is_kept_and_one_for_hours_is_counted(tmp_path):
    ways = {street: 101 + at for at, street in enumerate(STREETS)}
    text = turn(NO_LEFT, ways["def"], 5, ways["beh"])
    heavy = text.replace(
        'k="restriction" v="no_left_turn"', 'k="restriction:conditional" v="no_left_turn @ (weight>7.5)"'
    )
    assert "1 turn restriction is kept" in said(
        read(tmp_path, osm(PLACES, TOWN, heavy.replace(">7.5", "&gt;7.5")))
    )
    hours = heavy.replace("weight>7.5", "07:00-09:00")
    assert "1 turn restrictions for times of day" in said(read(tmp_path, osm(PLACES, TOWN, hours)))


def test_a_ferry_is_no_road_and_named(tmp_path):
    far = {**PLACES, "z": (9, 1)}
    ferry = ("fz", {"route": "ferry", "name": "Ferry"})
    roads = read(tmp_path, osm(far, [*TOWN, ferry]))
    assert "1 ferries" in said(roads)
    assert len(roads) == 9


def test_nobody_drives_through_a_bollard(tmp_path):
    roads = read(tmp_path, osm(PLACES, [*TOWN[:1], ("def", TOWN[1][1]), *TOWN[2:4], TOWN[5]], barriers="e"))
    assert drive(roads, "d", "f")[1] == pytest.approx(metres(*"dabcf"), abs=1)


@pytest.mark.parametrize(
    ("kind", "from_street", "to_street", "route"),
    [
        ("no_left_turn", "def", "beh", "degh"),
        ("only_straight_on", "def", "def", "dgh"),
        ("no_u_turn", "def", "def", "deh"),
    ],
)
def test_forbidden_turns_are_not_made(tmp_path, kind, from_street, to_street, route):
    ways = {street: 101 + at for at, street in enumerate(STREETS)}
    text = osm(PLACES, TOWN, turn(kind, ways[from_street], 5, ways[to_street]))
    roads = read(tmp_path, text)
    assert "1 turn restriction is kept" in said(roads)
    expected = {"deh": metres(*"deh"), "dgh": metres(*"dgh"), "degh": metres(*"dgh")}[route]
    assert drive(roads, "d", "h")[1] == pytest.approx(expected, abs=1)


def test_a_forbidden_turn_costs_the_way_around_it(tmp_path):
    #  d -> e -> h is forbidden and d - g is not there: around by f, i
    town = [way for way in TOWN if way[0] != "adg"]
    ways = {street: 101 + at for at, (street, _) in enumerate(town)}
    text = osm(PLACES, town, turn("no_left_turn", ways["def"], 5, ways["beh"]))
    assert drive(read(tmp_path, text), "d", "h")[1] == pytest.approx(metres(*"defih"), abs=1)
    assert drive(read(tmp_path, text), "f", "h")[1] == pytest.approx(metres(*"fih"), abs=1)
    free = read(tmp_path, osm(PLACES, town))
    assert drive(free, "d", "h")[1] == pytest.approx(metres(*"deh"), abs=1)


def over(kind: str, from_way: int, via_way: int, to_way: int, more: str = "") -> str:
    members = "".join(
        f'<member type="way" ref="{way}" role="{role}"/>'
        for way, role in ((from_way, "from"), (via_way, "via"), (to_way, "to"))
    )
    tags = f'<tag k="type" v="restriction"/><tag k="restriction" v="{kind}"/>{more}'
    return f'<relation id="9" version="1">{members}{tags}</relation>'


def test_a_turn_that_is_forbidden_over_a_way_is_not_made(tmp_path):
    #  a - b, then b - e, then e - f: forbidden as a whole, each turn of it allowed
    ways = ["ab", "bc", "de", "ef", "be", "eh", "ad", "cf", "dg", "gh", "hi", "fi"]
    town = [(street, {"highway": "residential"}) for street in ways if street not in ("bc", "hi")]
    free = drive(read(tmp_path, osm(PLACES, town)), "a", "f")[1]
    assert free == pytest.approx(metres(*"abef"), abs=1)
    # by d it is as near
    town = [way for way in town if way[0] != "ad"]
    number = {street: 101 + at for at, (street, _) in enumerate(town)}
    there = number["ab"], number["be"], number["ef"]
    for kind in ("no_right_turn", "no_u_turn"):
        roads = read(tmp_path, osm(PLACES, town, over(kind, *there)))
        assert "1 turn restriction is kept" in said(roads)
        # on to d or h, and back to e: then the turn to f is another one
        assert drive(roads, "a", "f")[1] == pytest.approx(metres(*"abehef"), abs=1)
        assert drive(roads, "c", "d")[1] == pytest.approx(metres(*"cfed"), abs=1)
    only = read(tmp_path, osm(PLACES, town, over("only_straight_on", *there[:2], number["eh"])))
    assert drive(only, "a", "f")[1] == pytest.approx(metres(*"abehef"), abs=1)


def test_a_restriction_that_excepts_trucks_does_not_bind_one(tmp_path):
    ways = {street: 101 + at for at, street in enumerate(STREETS)}
    text = turn("no_left_turn", ways["def"], 5, ways["beh"]).replace(
        "</relation>", '<tag k="except" v="psv;hgv"/></relation>'
    )
    roads = read(tmp_path, osm(PLACES, TOWN, text))
    assert "kept" not in said(roads)


@pytest.mark.parametrize("seed", range(40))
def test_drives_keep_restrictions_as_a_search_over_edges_does(seed):
    luck = random.Random(seed)
    names = [f"n{x}{y}" for x in range(4) for y in range(3)]
    pairs = [(one, other) for one in names for other in names if _beside(one, other)]
    drawn = [pair for pair in pairs if luck.random() < 0.85]
    edges = pd.DataFrame(
        {
            "u": [u for u, _ in drawn],
            "v": [v for _, v in drawn],
            "length_m": [luck.randint(1, 9) for _ in drawn],
        }
    )
    ways = [min(pairs.index((u, v)), pairs.index((v, u))) for u, v in drawn]
    wanted = [_some_restriction(luck, drawn, ways) for _ in range(luck.randint(1, 5))]
    nodes = pd.DataFrame({"id": names, "lon": 0.0, "lat": 0.0})
    new_nodes, new_edges, _ = restrict(nodes, edges, ways, wanted)
    graph = nx.DiGraph()
    graph.add_nodes_from(new_nodes["id"])
    graph.add_weighted_edges_from(new_edges[["u", "v", "length_m"]].itertuples(index=False))
    free = new_nodes.loc[~new_nodes.get("through", pd.Series(False, index=new_nodes.index)), "id"]
    for start in free:
        found = nx.single_source_dijkstra_path_length(graph, start)
        expected = _over_edges(start, drawn, ways, edges["length_m"].tolist(), wanted)
        assert {node: found[node] for node in free if node in found} == {
            node: expected[node] for node in free if node in expected
        }


def _beside(one: str, other: str) -> bool:
    return abs(int(one[1]) - int(other[1])) + abs(int(one[2]) - int(other[2])) == 1


def _some_restriction(luck: random.Random, drawn: list[tuple[str, str]], ways: list[int]) -> Restriction:
    first = luck.randrange(len(drawn))
    path = [first]
    for _ in range(luck.randint(1, 2)):
        on = [at for at, (u, v) in enumerate(drawn) if u == drawn[path[-1]][1] and v != drawn[path[-1]][0]]
        if not on:
            break
        path.append(luck.choice(on))
    between = frozenset(ways[at] for at in path[1:-1])
    return Restriction(
        via="" if between else drawn[first][1],
        from_ways=frozenset({ways[first]}),
        to_ways=frozenset({ways[path[-1]]}),
        via_ways=between,
        only=luck.random() < 0.3,
    )


def _over_edges(
    start: str, drawn: list[tuple[str, str]], ways: list[int], length: list[int], wanted: list[Restriction]
) -> dict[str, int]:
    """Shortest ways by a search over the last edges driven, which looks each restriction up as it stands."""
    best: dict[str, int] = {start: 0}
    queue: list[tuple[int, tuple[int, ...]]] = [
        (length[at], (at,)) for at, (u, _) in enumerate(drawn) if u == start
    ]
    heapq.heapify(queue)
    seen = set()
    while queue:
        cost, last = heapq.heappop(queue)
        here = drawn[last[-1]][1]
        best.setdefault(here, cost)
        if last in seen:
            continue
        seen.add(last)
        for at, (u, _) in enumerate(drawn):
            if u == here and not any(_forbids(each, last, at, drawn, ways) for each in wanted):
                heapq.heappush(queue, (cost + length[at], (*last, at)[-2:]))
    return best


def _forbids(
    each: Restriction, last: tuple[int, ...], at: int, drawn: list[tuple[str, str]], ways: list[int]
) -> bool:
    out = (ways[at] not in each.to_ways) if each.only else ways[at] in each.to_ways
    if each.via_ways:
        if len(last) < 2 or ways[last[0]] not in each.from_ways or ways[last[1]] not in each.via_ways:
            return False
        turned = drawn[last[1]][1] == drawn[last[0]][0]
        ends_there = any(
            u == drawn[last[1]][1] and ways[to] in each.to_ways for to, (u, _) in enumerate(drawn)
        )
        return out and not turned and ends_there
    return out and ways[last[-1]] in each.from_ways and drawn[last[-1]][1] == each.via


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"maxheight": "11'6&quot;"}, "too low"),
        ({"maxheight": "11 ft 6 in"}, "too low"),
        ({"maxheight:physical": "3,2"}, "too low"),
        ({"maxweight": "10 st"}, "too weak"),
        ({"maxweightrating": "7.5"}, "too weak"),
        ({"maxwidth": "7 ft"}, "too narrow"),
        ({"oneway": "reversible"}, "changes by the hour"),
        ({"motor_vehicle": "private"}, "private or closed"),
    ],
)
def test_limits_are_read_in_feet_and_tons_too(tmp_path, tags, why):
    assert why in said(read(tmp_path, osm(PLACES, with_tags("beh", **tags))))


@pytest.mark.parametrize(
    "tags", [{"maxheight": "13'6&quot;"}, {"maxheight": "default"}, {"maxweight": "20 st"}]
)
def test_a_limit_above_the_truck_keeps_a_street(tmp_path, tags):
    assert "left out" not in said(read(tmp_path, osm(PLACES, with_tags("beh", **tags))))


def test_nobody_drives_below_a_bar_that_is_too_low(tmp_path):
    bar = '<tag k="barrier" v="height_restrictor"/><tag k="maxheight" v="2.1"/>'
    text = osm(PLACES, TOWN, barriers="e").replace('<tag k="barrier" v="bollard"/>', bar)
    roads = read(tmp_path, text)
    assert drive(roads, "d", "f")[1] > metres(*"def") + 100
    assert "2.1" not in said(read(tmp_path, osm(PLACES, TOWN)))


def test_pieces_that_no_street_joins_to_the_rest_are_left_out_and_counted(tmp_path):
    far = {**PLACES, "y": (8, 8), "z": (9, 8)}
    roads = read(tmp_path, osm(far, [*TOWN, ("yz", {"highway": "service"})]))
    assert "such pieces" in said(roads)
    assert roads.lon.max() < 5 * STEP


def test_a_street_that_ends_where_it_begins_is_driven_round(tmp_path):
    ring = [*TOWN, ("ixyi", {"highway": "residential"})]
    places = {**PLACES, "x": (3, 2), "y": (3, 3)}
    assert len(read(tmp_path, osm(places, ring)).ids) > len(read(tmp_path, osm(PLACES, TOWN)).ids)


@pytest.mark.parametrize("name", ["roads.osm.pbf", "roads.osm", "roads.osm.gz"])
def test_a_torn_extract_is_said(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18")
    with pytest.raises(GeoError, match="is cut short or no extract"):
        load_roads(tmp_path)


def test_an_extract_without_streets_is_said(tmp_path):
    (tmp_path / "roads.osm").write_text('<osm version="0.6"></osm>')
    with pytest.raises(GeoError, match="holds no street that can be driven"):
        load_roads(tmp_path)


def test_an_extract_is_the_same_town_packed_as_pbf(tmp_path):
    osmium = pytest.importorskip("osmium")
    (tmp_path / "town.osm").write_text(osm(PLACES, TOWN), encoding="utf-8")
    with osmium.SimpleWriter(str(tmp_path / "town.osm.pbf")) as out:
        for item in osmium.FileProcessor(str(tmp_path / "town.osm")):
            out.add(item)
    plain, packed = load_roads(tmp_path / "town.osm"), load_roads(tmp_path / "town.osm.pbf")
    assert packed.ids.tolist() == plain.ids.tolist()
    assert packed.length_m.tolist() == plain.length_m.tolist()


def test_an_extract_with_a_place_that_is_no_number_is_said(tmp_path):
    text = osm(PLACES, TOWN).replace('lat="0.0"', 'lat="true.0"', 1)
    (tmp_path / "roads.osm").write_text(text)
    with pytest.raises(GeoError, match="is cut short or no extract"):
        load_roads(tmp_path)
