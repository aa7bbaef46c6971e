"""Customers of the phases that stay alive are not out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dispatch.intake import load_case
from dispatch.outages import Finding
from dispatch.planning.main_road import open_day
from dispatch.planning.running import Running
from tests.small_case import write_small_case


def test_only_customers_of_the_blown_phase_are_out(tmp_path: Path) -> None:
    write_small_case(tmp_path)
    lines = tmp_path / "grid" / "lines.csv"
    table = pd.read_csv(lines, dtype=str)
    table["phases"] = table["id"].map({"L3": "A"}).fillna("ABC")
    table.to_csv(lines, index=False)
    customers = tmp_path / "customers.csv"
    people = pd.read_csv(customers, dtype=str)
    people["phase"] = people["id"].map({"C09": "A", "C10": "B"}).fillna("ABC")
    people.to_csv(customers, index=False)
    case = load_case(tmp_path)
    found = Finding(place="L3", state="fault", at=case.settings.now)
    day = open_day(case, Running(findings=(found,)))
    outage = next(each for each in day.outages if each.fault.place == "L3")
    assert outage.transformers == ("T4",)
    (card,) = [card for card in day.blocks if outage.id in card.outages]
    assert card.customers == 1
