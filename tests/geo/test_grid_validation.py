"""Every fault in how a grid hangs together is named with its place."""

from __future__ import annotations

import json

import pytest

from geo import GeoError, describe
from geo.cli import add_arguments, run

SOUND = """
S1 [B1] a
a -- b
b 100
b |M1| c
c 50
c /T1/ S2
"""


def codes(grid) -> list[tuple[str, str, str]]:
    return [(fault.severity, fault.code, fault.place) for fault in grid.validate()]


def test_sound_grid_has_no_fault(grid_of):
    assert grid_of(SOUND).validate() == ()


def test_loop_is_named_with_all_its_devices(grid_of):
    grid = grid_of(SOUND + "c |M2| d\nd |M3| b", check=False)
    assert [fault.code for fault in grid.validate()] == ["loop"]
    (fault,) = grid.validate()
    assert sorted(
        {fault.place.split("'")[1], *fault.text.split("through ")[1].split(";")[0].split(", ")}
    ) == [
        "M1",
        "M2",
        "M3",
    ]
    assert fault.lon is not None
    with pytest.raises(GeoError, match="closes a loop in the normal state"):
        grid.checked()


def test_parallel_devices_are_a_loop(grid_of):
    assert codes(grid_of(SOUND + "b |M2| c", check=False)) == [("error", "loop", "switch 'M2'")]


def test_sources_joined_by_a_closed_device_are_named(grid_of):
    grid = grid_of(SOUND + "c |M2| S2", check=False)
    assert codes(grid) == [("error", "parallel-sources", "switch 'M2'")]
    assert "joins sources 'S1' and 'S2'" in grid.validate()[0].text


def test_loop_in_the_present_state_alone_is_named_as_such(grid_of):
    grid = grid_of(SOUND.replace("c /T1/ S2", "c /T1/ S2 !closed"), check=False)
    assert codes(grid) == [("error", "parallel-sources", "switch 'T1'")]
    assert "in the present state" in grid.validate()[0].text


def test_island_names_its_size_and_the_device_that_would_join_it(grid_of):
    grid = grid_of(SOUND + "c /T2/ x\nx |M5| y\ny 30", check=False)
    (fault,) = grid.validate()
    assert (fault.severity, fault.code, fault.place) == ("error", "island", "bus 'x'")
    assert "2 sections and 1 transformer; open device 'T2'" in fault.text


def test_island_without_transformers_is_a_warning(grid_of):
    assert codes(grid_of(SOUND + "c /T2/ x")) == [("warning", "island", "bus 'x'")]


def test_grid_without_a_source_says_so(grid_of):
    assert ("error", "no-source", "buses") in codes(grid_of("a |M1| b\nb 10", check=False))


def test_device_that_separates_nothing_is_a_warning(grid_of):
    grid = grid_of(SOUND + "a |M9| b")
    assert codes(grid) == [("warning", "idle-device", "switch 'M9'")]


def test_ring_of_lines_and_idle_bus_are_warnings(grid_of):
    grid = grid_of(SOUND + "b -- d\nd -- a\nalone 5", check=False)
    assert codes(grid) == [
        ("warning", "line-loop", "line 'd-a'"),
        ("error", "island", "bus 'alone'"),
        ("warning", "idle-bus", "bus 'alone'"),
    ]


def test_mains_between_two_buses_are_refused(grid_of):
    grid = grid_of(SOUND + "b lv x\nx lv c\ny lv z", check=False)
    assert codes(grid) == [
        ("warning", "main-without-bus", "line 'y-z'"),
        ("error", "main-between-buses", "line 'b-x'"),
    ]


def test_part_dead_at_present_is_a_warning(grid_of):
    grid = grid_of(SOUND.replace("b |M1| c", "b |M1| c !open"))
    assert codes(grid) == [("warning", "present-dead", "bus 'c'")]


def test_figures_count_what_is_there(grid_of):
    counts = describe(grid_of(SOUND))
    assert {key: counts[key] for key in ("substations", "feeders", "sections", "switches", "ties")} == {
        "substations": 2,
        "feeders": 1,
        "sections": 4,
        "switches": 3,
        "ties": 1,
    }
    assert counts["rated_kva"] == 150


def grid_command(*words: str) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(words))


def test_command_prints_figures_faults_and_writes(grid_of, tmp_path, capsys):
    from geo import write_grid

    write_grid(grid_of(SOUND + "c |M2| S2", check=False), tmp_path / "grid")
    assert grid_command(str(tmp_path / "grid"), "--write", str(tmp_path / "out.gpkg")) == 2
    out = capsys.readouterr().out
    assert "transformers" in out
    assert "error: grid: switch 'M2': joins sources 'S1' and 'S2'" in out
    assert out.splitlines()[-1] == "1 error, 0 warnings"
    assert grid_command(str(tmp_path / "out.gpkg"), "--json") == 2
    assert json.loads(capsys.readouterr().out)["faults"][0]["code"] == "parallel-sources"


def test_customers_beside_the_grid_are_counted_and_those_on_nothing_named(grid_of, tmp_path, capsys):
    from geo import write_grid

    write_grid(grid_of(SOUND), tmp_path / "grid")
    (tmp_path / "customers.csv").write_text("id,name,transformer\nC1,Ana,Tb\nC2,Ben,Tbb\nC3,Eva,\n")
    assert grid_command(str(tmp_path / "grid")) == 2
    out = capsys.readouterr().out
    assert "error: customers.csv: row 3, customer 'C2': there is no transformer 'Tbb'" in out
    assert "error: customers.csv: row 4, customer 'C3': has no transformer" in out
    assert out.splitlines()[-1] == "2 errors, 0 warnings"
    assert any(line.split() == ["customers", "3"] for line in out.splitlines())


def test_command_refuses_what_it_cannot_read(tmp_path, capsys):
    assert grid_command(str(tmp_path / "nothing")) == 2
    assert "not found" in capsys.readouterr().err
