"""What is written out is read back as the same case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dispatch.cli import main
from dispatch.intake import load_case
from dispatch.intake.comparing import differences
from geo import load_grid
from tests.small_case import write_small_case

SIGNS = "at,kind,place\n2026-07-14T18:00:30-04:00,last_gasp,C09\n"


def odd_case(folder: Path) -> Path:
    """The small case, with names that every format has marks of its own for, and places to the last digit."""
    case = write_small_case(folder)
    table = pd.read_csv(case / "customers.csv", dtype=str, keep_default_na=False)
    table.loc[0, ["name", "access"]] = ['Rojas & Söhne <"A", B>', "=1+1; 钥匙在门垫下"]
    table.loc[1, ["lon", "lat"]] = ["-71.25584812345678", "-29.908195123456"]
    table.loc[2, "name"] = "  001 "
    table.to_csv(case / "customers.csv", index=False)
    (case / "signs.csv").write_text(SIGNS)
    return case


@pytest.mark.parametrize("form", ["csv", "gpkg", "geojson"])
def test_a_case_comes_back_as_it_went_out(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case, out = odd_case(tmp_path / "case"), tmp_path / "out"
    assert main(["case", "export", str(case), "--out", str(out), "--form", form]) == 0
    before, after = load_case(case), load_case(out)
    assert not differences(before, after)
    pd.testing.assert_frame_equal(before.customers.table, after.customers.table)
    for part in ("requests", "shifts", "rules", "depots", "signs", "settings"):
        assert getattr(before, part) == getattr(after, part), part
    assert (before.roads.length_m == after.roads.length_m).all()
    assert [each for each in after.brought if each.aside] == []
    capsys.readouterr()
    assert main(["case", "export", str(case), "--out", str(out), "--lang", "zh"]) == 2
    assert "已存在" in capsys.readouterr().err


def test_a_grid_comes_back_from_cim_with_its_devices_states_and_customers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, out = odd_case(tmp_path / "case"), tmp_path / "grid.xml"
    switches = pd.read_csv(case / "grid" / "switches.csv", dtype=str, keep_default_na=False)
    switches["present"] = ["open" if id_ == "FU-1" else "" for id_ in switches["id"]]
    switches.to_csv(case / "grid" / "switches.csv", index=False)
    assert main(["case", "export", str(case), "--out", str(out), "--form", "cim"]) == 0
    assert "not in CIM100: 1 cables" in capsys.readouterr().out
    people = tmp_path / "people.csv"
    assert main(["grid", str(out), "--write", str(tmp_path / "grid"), "--write-customers", str(people)]) == 0
    before, after = load_case(case).grid, load_grid(tmp_path / "grid")
    for part, names in (("lines", ("length_m",)), ("switches", ("kind", "normal_closed", "closed"))):
        one, other = getattr(before, part), getattr(after, part)
        assert ends(one, before) == ends(other, after), part
        order = {id_: at for at, id_ in enumerate(other.ids.tolist())}
        at = [order[id_] for id_ in one.ids.tolist()]
        for name in names:
            assert getattr(one, name).tolist() == getattr(other, name)[at].tolist(), name
    assert places(before) == places(after)
    assert before.ties == after.ties
    rated = dict(zip(after.transformers.ids, after.transformers.rating_kva, strict=True))
    assert rated == dict(zip(before.transformers.ids, before.transformers.rating_kva, strict=True))
    known = pd.read_csv(people, dtype=str, keep_default_na=False).set_index("id")
    own = load_case(case).customers.table
    assert known["transformer"].to_dict() == own["transformer"].to_dict()
    assert np.allclose(known[["lon", "lat"]].astype(float), own.loc[known.index, ["lon", "lat"]])
    assert known.loc["C01", "name"] == own.loc["C01", "name"]
    again = tmp_path / "again.xml"
    assert main(["case", "export", str(case), "--out", str(again), "--form", "cim"]) == 0
    assert again.read_bytes() == out.read_bytes()


def ends(table, grid):
    """Each device with the two buses that it joins."""
    ids = grid.buses.ids
    return {
        str(id_): frozenset((str(ids[a]), str(ids[b])))
        for id_, a, b in zip(table.ids, table.from_idx, table.to_idx, strict=True)
    }


def places(grid):
    """Where each bus lies, and whether supply enters there."""
    buses = grid.buses
    rows = zip(buses.ids, buses.lon, buses.lat, buses.source, buses.substation, strict=True)
    return {
        str(id_): (round(lon, 9), round(lat, 9), bool(source), str(name or ""))
        for id_, lon, lat, source, name in rows
    }
