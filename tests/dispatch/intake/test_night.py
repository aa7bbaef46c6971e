"""Tonight's export beside the case in force: what differs, and what becomes of it without anybody awake."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.cli import main
from dispatch.intake import load_case
from tests.small_case import write_small_case

MAPPING = """\
settings: {name: Small town, time_zone: America/Santiago, now: '2026-07-14T18:30:00-04:00', policy: cn%s}
grid: export/grid
roads: export
tables:
  customers:
    file: export/customers.csv
    columns: {id: id, name: name, address: address, lon: lon, lat: lat, transformer: transformer,
      industry: industry, voltage_kv: voltage_kv, sources: sources, own_generator_h: own_generator_h,
      welfare: welfare, area: area, phone: phone, access: access}
  depots: {file: export/depots.csv, columns: {id: id, name: name, lon: lon, lat: lat}}
  crews:
    file: export/crews.csv
    columns: {id: id, name: name, depot: depot, shift_start: shift_start, shift_end: shift_end,
      skills: skills}
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder with tonight's export, and `case` made of last night's, which was the same."""
    folder = write_small_case(tmp_path / "export")
    (tmp_path / "mapping.yaml").write_text(MAPPING % "")
    assert main(["case", "import", str(tmp_path / "mapping.yaml"), "--out", str(tmp_path / "case")]) == 0
    return folder


def night(export: Path, *more: str) -> int:
    home = export.parent
    return main(["case", "night", str(home / "mapping.yaml"), "--case", str(home / "case"), *more])


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def moved_tie(export: Path) -> None:
    """Close the tie and open a recloser."""
    switches = export / "grid" / "switches.csv"
    changed(switches, "TIE-1,B8,B4,switch,manual,open", "TIE-1,B8,B4,switch,manual,closed")
    changed(switches, "RC-1,B2,B3,recloser,manual,closed", "RC-1,B2,B3,recloser,manual,open")


def test_the_same_export_changes_nothing(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.stat().st_mtime_ns for path in (export.parent / "case").rglob("*"))
    assert night(export) == 0
    assert "nothing differs" in capsys.readouterr().out
    assert before == sorted(path.stat().st_mtime_ns for path in (export.parent / "case").rglob("*"))


def test_customers_new_gone_and_moved_and_switches_are_said_and_put_in_force(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = export / "customers.csv"
    lines = customers.read_text().splitlines()
    here = next(line for line in lines if line.startswith("C11"))
    lines = [line for line in lines if not line.startswith("C12")] + [here.replace("C11", "C77")]
    customers.write_text("\n".join(lines) + "\n")
    changed(
        customers,
        "C04,Eva Diaz,Elm Avenue 2,-71.253772,-29.91,",
        "C04,Eva Diaz,Elm Avenue 2,-71.2540,-29.91,",
    )
    changed(customers, "C07,Hugo Paz", "C07,Hugo Paz Soto")
    changed(
        export / "grid" / "switches.csv", "TIE-1,B8,B4,switch,manual,open", "TIE-1,B8,B4,switch,manual,closed"
    )
    changed(
        export / "grid" / "switches.csv",
        "RC-1,B2,B3,recloser,manual,closed",
        "RC-1,B2,B3,recloser,manual,open",
    )
    assert night(export) == 0
    said = capsys.readouterr().out
    customers_said = ("1 new (C77)", "1 gone (C12)", "1 moved (C04)", "1 changed (C07)")
    for line in (*customers_said, "switches: 2 changed (RC-1, TIE-1)", "in force"):
        assert line in said, said
    assert "C77" in load_case(export.parent / "case").customers
    assert night(export) == 0


@pytest.mark.parametrize("large", ["gone", "rows"])
def test_a_large_change_waits_for_a_person(
    export: Path, large: str, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = export / "customers.csv"
    if large == "gone":
        customers.write_text("\n".join(customers.read_text().splitlines()[:7]) + "\n")
    else:
        (export.parent / "mapping.yaml").write_text(MAPPING % ", second_person_from_rows: '2'")
        assert (
            main(
                ["case", "import", str(export.parent / "mapping.yaml"), "--out", str(export.parent / "case")]
            )
            == 0
        )
        changed(customers, "Hugo Paz", "Hugo Soto")
        changed(customers, "Eva Diaz", "Eva Soto")
    for _ in range(2):
        assert night(export, "--lang", "zh") == 1
        assert "待人决定" in capsys.readouterr().out
        assert "Hugo Paz" in (export.parent / "case" / "customers.csv").read_text()
        assert (export.parent / "case-waiting" / "customers.csv").exists()
    assert main(["case", "compare", str(export.parent / "case"), str(export.parent / "case-waiting")]) == 1
    assert not [path for path in export.parent.iterdir() if path.name.startswith(".")]


def test_an_export_that_cannot_be_used_leaves_everything_as_it_is(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (export / "customers.csv").write_bytes(b"id,lon\n1,2\n")
    before = (export.parent / "case" / "customers.csv").read_bytes()
    assert night(export) == 2
    assert "is not in the file" in capsys.readouterr().err
    assert (export.parent / "case" / "customers.csv").read_bytes() == before
    assert night(export, "--server", "http://example.org", "--token-file", "t") == 2
    assert "https" in capsys.readouterr().err
