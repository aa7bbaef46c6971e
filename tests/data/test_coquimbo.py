from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo import load_grid, load_roads

sys.path.insert(0, str(Path(__file__).parent))
from supply import Supply, read

DATA = Path(__file__).parents[2] / "data"
CASE = DATA / "coquimbo"


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return read(CASE / "customers.csv.gz")


@pytest.fixture(scope="module")
def supply() -> Supply:
    return Supply(CASE)


def sums(case: Path) -> list[tuple[str, str]]:
    pairs = [line.split("  ") for line in (case / "SHA256SUMS").read_text().splitlines()]
    return [(name, value) for value, name in pairs]


@pytest.mark.parametrize("case", ["coquimbo", "oberrhein"])
def test_every_file_is_the_one_that_the_script_wrote(case: str) -> None:
    listed = sums(DATA / case)
    assert len(listed) >= 12
    for name, value in listed:
        assert hashlib.sha256((DATA / case / name).read_bytes()).hexdigest() == value, name


@pytest.mark.parametrize("case", ["coquimbo", "oberrhein"])
def test_a_case_is_small_enough_for_the_repository(case: str) -> None:
    assert sum(path.stat().st_size for path in (DATA / case).rglob("*") if path.is_file()) < 12e6


def test_the_counts_are_those_that_the_readme_promises(customers: pd.DataFrame) -> None:
    grid = {name: read(CASE / f"grid/{name}.csv") for name in ("buses", "lines", "switches", "transformers")}
    kinds = Counter(zip(grid["switches"]["kind"], grid["switches"]["normal"], strict=True))
    length_km = grid["lines"]["length_m"].astype(float).sum() / 1000
    roads = load_roads(CASE)
    truth, requests = read(CASE / "truth.csv"), read(CASE / "requests.csv")
    shown = (
        f"{len(roads):,} / {len(roads.tail):,}",
        f"451,899 / {len(customers):,}",
        f"{(grid['buses']['kind'] == 'source').sum()} / {kinds['breaker', 'closed']}",
        f"{len(grid['buses']):,} / {len(grid['lines']):,} / {length_km:.0f} km",
        " / ".join(f"{kinds[kind, 'closed']:,}" for kind in ("breaker", "recloser", "switch", "fuse")),
        f"| {kinds['switch', 'open']} |",
        f"| {len(grid['transformers']):,} |",
        f"{len(read(CASE / 'depots.csv'))} / {len(read(CASE / 'crews.csv'))}",
        f"| {len(requests)} |",
        f"{len(truth)} / {truth['customers_out'].astype(int).sum():,}",
    )
    text = (CASE / "README.md").read_text(encoding="utf-8")
    assert [figure for figure in shown if figure not in text] == []


def test_the_city_is_as_large_as_a_demonstration_needs(customers: pd.DataFrame) -> None:
    switches = read(CASE / "grid/switches.csv")
    assert len(customers) >= 120_000
    assert (read(CASE / "grid/buses.csv")["kind"] == "source").sum() >= 6
    assert (switches["kind"] == "breaker").sum() >= 40
    assert len(read(CASE / "grid/transformers.csv")) >= 2_500
    assert set(read(CASE / "grid/lines.csv")["kind"]) == {"overhead", "cable"}


def test_the_roads_are_those_of_the_source(shared: Path) -> None:
    roads, nodes = (
        load_roads(CASE),
        pd.read_csv(shared / "data/road_coquimbo/nodes.csv.gz", dtype={"id": str}),
    )
    assert (len(roads), len(roads.tail), len(roads.main_nodes)) == (15_591, 34_272, 15_492)
    assert sorted(nodes["id"]) == sorted(roads.ids)
    edges = pd.read_csv(shared / "data/road_coquimbo/edges.csv.gz")
    assert roads.length_m.sum() == pytest.approx(edges["length_m"].sum(), rel=1e-5)


def test_the_grid_has_no_fault() -> None:
    assert load_grid(CASE / "grid").validate() == ()


def test_the_grid_is_radial_as_it_is_run(supply: Supply) -> None:
    assert supply.is_radial()


def test_lines_run_along_streets() -> None:
    roads, buses = load_roads(CASE), read(CASE / "grid/buses.csv")
    snap = roads.snap(buses["lon"].astype(float), buses["lat"].astype(float))
    # Buses stand at corners, at bends, and at devices 8 m from a corner.
    assert np.median(snap.distance_m) < 1
    assert np.quantile(snap.distance_m, 0.8) < 9


def test_ties_can_partly_restore_at_least_half_of_the_larger_cuts(supply: Supply) -> None:
    sections = [section for section in sorted(supply.above) if supply.customers[section] > 0]
    cuts = [supply.cut(section) for section in np.random.default_rng(5).permutation(sections)[:600].tolist()]
    large = [(out, back) for out, back in cuts if out >= 500]
    assert len(large) > 60
    assert np.mean([back > 0 for _, back in large]) >= 0.5


def test_every_tie_joins_two_feeders(supply: Supply) -> None:
    switches = read(CASE / "grid/switches.csv")
    feeder = read(CASE / "grid/buses.csv").set_index("id")["feeder"]
    ties = switches[switches["normal"] == "open"]
    assert (feeder[ties["from_bus"]].to_numpy() != feeder[ties["to_bus"]].to_numpy()).all()


def test_every_customer_hangs_on_a_transformer_near_by(customers: pd.DataFrame) -> None:
    stations = read(CASE / "grid/transformers.csv").set_index("id")
    assert customers["id"].is_unique
    assert set(customers["transformer"]) == set(stations.index)
    at = stations.loc[customers["transformer"], ["lon", "lat"]].astype(float).to_numpy()
    place = customers[["lon", "lat"]].astype(float).to_numpy()
    away_m = np.hypot(*((place - at) * [96_300, 111_195]).T)
    assert np.quantile(away_m, 0.95) < 330
    assert away_m.max() < 1_500


def test_low_voltage_mains_belong_to_the_customers_transformer(customers: pd.DataFrame) -> None:
    low = customers[customers["voltage_kv"].astype(float) < 1]
    assert (low["lv_main"].str.rsplit("-M", n=1).str[0] == low["transformer"]).all()
    mains = low.groupby("transformer")["lv_main"].nunique()
    assert mains.max() == 4
    # Only transformers with few customers make do with one main.
    assert (mains >= 2).mean() > 0.8


def test_important_customers_are_there_with_what_policies_ask_for(customers: pd.DataFrame) -> None:
    count = Counter(customers["industry"])
    for industry in (
        "hospital",
        "clinic",
        "water",
        "mining",
        "metallurgy",
        "school",
        "government",
        "telecom",
        "shop",
    ):
        assert count[industry] >= 2, industry
    hospital = customers[customers["name"] == "La Serena Hospital 拉塞雷纳医院"].iloc[0]
    assert (hospital["industry"], hospital["sources"], hospital["own_generator_h"]) == ("hospital", "2", "8")
    assert 0.005 < (customers["welfare"] == "yes").mean() < 0.03


def test_ordinary_households_have_no_persons_name(customers: pd.DataFrame) -> None:
    homes = customers[(customers["industry"] == "residential") & (customers["voltage_kv"] == "0.22")]
    assert (homes["name"] == "Household " + homes["address"]).all()
    assert homes["phone"].eq("").all()


def test_addresses_are_given_once(customers: pd.DataFrame) -> None:
    assert customers["address"].duplicated().sum() == 0


@pytest.mark.parametrize("case", ["coquimbo", "oberrhein"])
def test_requests_name_customers_or_addresses_that_exist(case: str) -> None:
    requests, everybody = read(DATA / case / "requests.csv"), read(DATA / case / "customers.csv.gz")
    named = requests[requests["customer"] != ""]
    assert set(named["customer"]) <= set(everybody["id"])
    unnamed = requests[requests["customer"] == ""]
    placed = unnamed["lon"] != ""
    assert unnamed.loc[~placed, "address"].isin(everybody["address"]).all()
    assert (requests["received_at"].str.contains(r"[+-]\d\d:\d\d$")).all()


def test_about_half_of_the_requests_are_in_chinese() -> None:
    requests = read(CASE / "requests.csv")
    chinese = requests["words"].str.contains(re.compile("[一-鿿]"))
    assert len(requests) == 400
    assert 0.4 < chinese.mean() < 0.6


def test_calls_gather_around_the_faults() -> None:
    truth, requests, everybody = (
        read(CASE / "truth.csv"),
        read(CASE / "requests.csv"),
        read(CASE / "customers.csv.gz"),
    )
    assert Counter(truth["kind"]) == {"line": 11, "transformer": 8, "lv_main": 9, "service": 7}
    transformer = everybody.set_index("id")["transformer"]
    calls = Counter(transformer[requests.loc[requests["customer"] != "", "customer"]])
    broken = truth.loc[truth["kind"] == "transformer", "place"]
    assert np.mean([calls[name] >= 2 for name in broken]) > 0.7


def test_crews_cover_every_skill_and_a_shift_runs_past_midnight() -> None:
    crews = read(CASE / "crews.csv")
    skills = {skill for cell in crews["skills"] for skill in cell.split(";")}
    assert skills == {"hv", "lv", "cable", "live_line", "metering", "tree", "switching"}
    assert len(crews) == 24
    assert (crews["shift_start"].str[:10] != crews["shift_end"].str[:10]).sum() >= 2
    assert set(crews["depot"]) == set(read(CASE / "depots.csv")["id"])


def test_real_low_voltage_households_stand_in_the_other_case() -> None:
    everybody, grid = read(DATA / "oberrhein/customers.csv.gz"), load_grid(DATA / "oberrhein/grid")
    assert everybody["address"].str.startswith("Schutterwald house").sum() == 1_506
    assert grid.validate() == ()
    assert (len(grid.feeders), len(grid.ties)) == (4, 6)
    supply = Supply(DATA / "oberrhein")
    assert supply.is_radial()


@pytest.mark.parametrize(
    ("script", "case", "variable"),
    [
        ("build_coquimbo.py", "coquimbo", "GRIDCREW_AEQUILIBRAE"),
        ("build_oberrhein.py", "oberrhein", "GRIDCREW_PANDAPOWER"),
    ],
)
def test_building_again_gives_the_same_bytes(tmp_path: Path, script: str, case: str, variable: str) -> None:
    wheel = os.environ.get(variable)
    if not wheel:
        pytest.skip(f"set {variable} to the wheel that the case is made of")
    subprocess.run(
        [sys.executable, DATA / script, "--wheel", wheel, "--out", tmp_path], check=True, capture_output=True
    )
    assert sums(tmp_path) == sums(DATA / case)
