from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import GeoError
from geo.roads.cache import TravelCache
from geo.roads.network import Roads


def random_roads(seed: int, size: int) -> Roads:
    """A ring (so that all is connected) with random chords on random places."""
    random = np.random.default_rng(seed)
    nodes = pd.DataFrame(
        {
            "id": [f"n{i}" for i in range(size)],
            "lon": random.uniform(7, 7.01, size),
            "lat": random.uniform(48, 48.01, size),
        }
    )
    ring = [(i, (i + 1) % size) for i in range(size)]
    chords = [(int(a), int(b)) for a, b in random.integers(0, size, (2 * size, 2))]
    edges = pd.DataFrame(ring + chords, columns=["u", "v"])
    edges = edges.assign(
        u="n" + edges["u"].astype(str),
        v="n" + edges["v"].astype(str),
        length_m=random.integers(20_000, 90_000, len(edges)) / 10,
        highway=random.choice(["primary", "residential", "unheard_of"], len(edges)),
    )
    return Roads.from_tables(nodes, edges)


def reference(roads: Roads) -> nx.DiGraph:
    graph = nx.DiGraph()
    for u, v, seconds in zip(roads.tail.tolist(), roads.head.tolist(), roads.seconds.tolist(), strict=True):
        if u != v and (not graph.has_edge(u, v) or graph[u][v]["s"] > seconds):
            graph.add_edge(u, v, s=seconds)
    return graph


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(3, 130))
def test_times_equal_those_of_an_independent_shortest_path(seed: int, size: int) -> None:
    roads = random_roads(seed, size)
    table = roads.travel(np.arange(size))
    for a, lengths in nx.all_pairs_dijkstra_path_length(reference(roads), weight="s"):
        for b, seconds in lengths.items():
            assert table.durations_s[a, b] == pytest.approx(seconds, abs=0.6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(3, 40))
def test_paths_join_their_ends_and_take_what_the_table_says(seed: int, size: int) -> None:
    roads = random_roads(seed, size)
    table = roads.travel(np.arange(size))
    pairs = [(a, b) for a in range(0, size, 3) for b in range(size)]
    for (a, b), edges in zip(pairs, roads.edge_paths(pairs), strict=True):
        ends = [a, *roads.head[edges].tolist()]
        assert roads.tail[edges].tolist() == ends[:-1]
        assert ends[-1] == b
        assert roads.seconds[edges].sum() == pytest.approx(table.durations_s[a, b], abs=0.6)
        assert roads.length_of(edges) == pytest.approx(table.distances_m[a, b], abs=0.6)


def test_a_place_that_comes_twice_is_no_drive_from_itself() -> None:
    table = random_roads(1, 60).travel([5, 9, 5])
    assert table.durations_s[0, 2] == 0
    assert table.durations_s[0].tolist() == table.durations_s[2].tolist()
    assert table.durations_s.dtype == np.int64


def test_no_places_make_an_empty_table() -> None:
    assert random_roads(1, 5).travel([]).durations_s.shape == (0, 0)


def test_a_path_to_where_one_is_has_one_point() -> None:
    roads = random_roads(1, 5)
    assert roads.path(2, 2) == [(roads.lon[2], roads.lat[2])]


def test_progress_is_told_in_steps_of_fifty_places() -> None:
    told: list[tuple[int, int]] = []
    random_roads(3, 120).travel(np.arange(120), progress=lambda done, total: told.append((done, total)))
    assert told == [(50, 120), (100, 120), (120, 120)]


def test_a_place_that_cannot_be_reached_is_named() -> None:
    nodes = pd.DataFrame({"id": list("abcde"), "lon": [7, 7.001, 7.002, 7.003, 7.004], "lat": 48.0})
    rows = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"), ("a", "e")]
    roads = Roads.from_tables(
        nodes, pd.DataFrame([(u, v, 300) for u, v in rows], columns=["u", "v", "length_m"])
    )
    with pytest.raises(GeoError, match="node 'e': no way to node 'a'"):
        roads.travel([0, 4])
    with pytest.raises(GeoError, match="node 'e': no way to node 'b'"):
        roads.path(4, 1)


def test_a_cached_table_is_the_computed_one(tmp_path: Path) -> None:
    roads, cache = random_roads(4, 80), TravelCache(folder=tmp_path / "cache")
    computed = cache.travel(roads, [1, 5, 9])
    asked: list[tuple[int, int]] = []
    kept = cache.travel(roads, [1, 5, 9], progress=lambda done, total: asked.append((done, total)))
    assert asked == []
    assert (kept.durations_s == computed.durations_s).all()
    assert (kept.distances_m == computed.distances_m).all()


def test_a_changed_network_or_other_places_make_another_table(tmp_path: Path) -> None:
    roads, cache = random_roads(4, 80), TravelCache(folder=tmp_path)
    chord = next(
        (str(roads.ids[u]), str(roads.ids[v]))
        for u, v in zip(roads.tail, roads.head, strict=True)
        if u != v and abs(u - v) not in (1, 79)
    )
    names = {
        cache.path(net, np.array(places)).name
        for net in (roads, roads.closed([chord]))
        for places in ([1, 2], [2, 1])
    }
    assert len(names) == 4


def test_a_torn_cache_file_is_computed_afresh(tmp_path: Path) -> None:
    roads, cache = random_roads(4, 30), TravelCache(folder=tmp_path)
    table = cache.travel(roads, [1, 5])
    path = cache.path(roads, np.array([1, 5]))
    path.write_bytes(path.read_bytes()[:100])
    assert (cache.travel(roads, [1, 5]).durations_s == table.durations_s).all()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
