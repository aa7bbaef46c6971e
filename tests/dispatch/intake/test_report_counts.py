"""Every number of an import's report is the number of what was done to the file, counted by who did it."""

from __future__ import annotations

import csv
import random
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import Workbook

from dispatch.cli import main
from dispatch.intake import load_case
from tests.small_case import write_small_case

HEADER = ["id", "name", "lon", "lat", "transformer", "industry", "voltage_kv", "area", "phone"]
WIDE = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
ROWS = 400
WIDE_CELLS = "full-width characters read as ordinary ones"
EMPTY = "cells taken as empty"
CANNOT = "cells taken as empty, because they cannot be right"
WORDS = "words read by their meaning"
UNITS = "units behind the number taken off, in kV"
TOTALS, AGAIN = "row of totals left out", "repeated header left out"


def damaged(luck: random.Random) -> tuple[list[list[str]], Counter[str], int]:
    """A list of customers, what was done to it, and how many of its rows cannot be used."""
    rows = [
        [
            f"K{at:04}",
            f"户 {at}",
            "-71.255848",
            "-29.91",
            f"T{at % 5 + 1}",
            "residential",
            "0.22",
            "urban",
            "1",
        ]
        for at in range(ROWS)
    ]
    order = list(range(ROWS))
    luck.shuffle(order)
    done: Counter[str] = Counter()

    def some(most: int) -> list[list[str]]:
        found = [rows[order.pop()] for _ in range(luck.randint(1, most))]
        return found

    for row in some(30):
        at = luck.choice((0, 2, 3, 6))
        row[at] = row[at].translate(WIDE)
        done[WIDE_CELLS] += 1
    for row in some(30):
        row[luck.choice((6, 7))] = luck.choice(("NULL", "nan", "None", "N/A"))
        done[EMPTY] += 1
    for row in some(30):
        row[6] = luck.choice(("many", "-3", "1,2,3"))
        done[CANNOT] += 1
    for row in some(30):
        row[7] = luck.choice(("城区", "农村", "ciudad"))
        done[WORDS] += 1
    for row in some(30):
        row[6] = "220V"
        done[UNITS] += 1
    for row in (bad := some(5)):
        row[4] = "T9"
    for row in (far := some(5)):
        row[2], row[3] = "0", "0"
    doubles = some(5)
    lost = len(bad) + len(far) + len(doubles)
    rows += [list(row) for row in doubles]
    for _ in range(luck.randint(0, 3)):
        rows.insert(luck.randrange(1, len(rows)), list(HEADER))
        done[AGAIN] += 1
    for _ in range(luck.randint(0, 3)):
        rows.insert(luck.randrange(1, len(rows)), [""] * len(HEADER))
    for _ in range(luck.randint(0, 2)):
        rows.append([luck.choice(("合计", "Total")), *[""] * (len(HEADER) - 2), str(ROWS)])
        done[TOTALS] += 1
    return rows, +done, lost


def write(path: Path, rows: list[list[str]]) -> None:
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in [HEADER, *rows]:
            book.active.append(row)
        book.save(path)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_of_the_report_is_that_of_an_independent_count(
    tmp_path: Path, seed: int, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, done, lost = damaged(random.Random(seed))
    case = write_small_case(tmp_path / "case")
    (case / "customers.csv").unlink()
    (case / "requests.csv").write_text("id,received_at,words\n")
    write(case / f"customers.{ending}", rows)
    held = load_case(case)
    (told,) = (each for each in held.brought if each.file.startswith("customers"))
    given = len([row for row in rows if any(row)]) - done[TOTALS] - done[AGAIN]
    assert (told.read, told.used, len(told.aside)) == (given, given - lost, lost)
    assert len(held.customers) == given - lost
    assert {each.what: each.count for each in told.repairs} == dict(done)
    wrong = {number: row for number, row in enumerate(rows, start=2) if any(row)}
    for each in told.aside:
        assert each.reasons
        assert wrong[each.row][0] == each.cells["id"]
    assert main(["case", "check", str(case), "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert f"读取 {given:,} 行，采用 {given - lost:,} 行，搁置 {lost:,} 行" in said
