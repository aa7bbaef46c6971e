"""Damages the tables of a small case in a thousand ways, and sees that each gives a case or sentences.

    python benchmarks/mutated_tables.py [--count 3000] [--seed 1]

Every run prints what came of the inputs: read, refused, and what should never be: an error that
is no fault of the input, a row that is nowhere accounted for, or a read that takes too long.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.small_case import write_small_case

TABLES = ("customers", "requests", "crews", "depots")
CELLS = (
    "", "NaN", "None", "0", "-1", "1e400", "12.0", "００１２", "1,5", "1.234,5", "46217.34", "31/02/2026",
    "03/04/2026 10:00", "2026年7月14日 8:00", "合计", "=1+1", "#REF!", "'", '"', "\ufeff", "﷽", "a" * 5000,
    "t1", "T1 ", "4.2E+17", "�", "是", "121°18'E", "10kV", "/", "；", "nothing", "2026-07-14T25:00", "\t",
    "null;null", "；;；", "99999999999999999999",
)  # fmt: skip
SLOW_S = 10.0
Rows = list[list[str]]


def _cell(rows: Rows, luck: random.Random) -> None:
    row = luck.choice(rows)
    if row:
        row[luck.randrange(len(row))] = luck.choice(CELLS)


def _heading(rows: Rows, luck: random.Random) -> None:
    if rows[0]:
        at = luck.randrange(len(rows[0]))
        rows[0][at] = luck.choice((*CELLS[:6], "户号", "lon", "电话", rows[0][at].upper(), rows[0][at][:-1]))


def _column(rows: Rows, luck: random.Random) -> None:
    at = luck.randrange(max(1, len(rows[0])))
    text = luck.choice(CELLS)
    for row in rows[1:]:
        if at < len(row):
            row[at] = text


def _drop(rows: Rows, luck: random.Random) -> None:
    at = luck.randrange(max(1, len(rows[0])))
    for row in rows:
        del row[at : at + 1]


def _swap(rows: Rows, luck: random.Random) -> None:
    one, other = luck.randrange(len(rows)), luck.randrange(len(rows))
    rows[one], rows[other] = rows[other], rows[one]


def _double(rows: Rows, luck: random.Random) -> None:
    rows.insert(luck.randrange(len(rows) + 1), list(luck.choice(rows)))


def _short(rows: Rows, luck: random.Random) -> None:
    row = luck.choice(rows)
    del row[luck.randrange(len(row) + 1) :]


def _title(rows: Rows, luck: random.Random) -> None:
    rows.insert(0, [luck.choice(("故障报修清单", "", "Report of 14 July", "合计"))])


def _total(rows: Rows, luck: random.Random) -> None:
    rows.append([luck.choice(("合计", "Total", "小计：", "制表人：")), luck.choice(CELLS)])


def _empty(rows: Rows, _: random.Random) -> None:
    del rows[1:]


MUTATIONS: tuple[Callable[[Rows, random.Random], None], ...] = (
    _cell, _cell, _cell, _heading, _column, _drop, _swap, _double, _short, _title, _total, _empty,
)  # fmt: skip


def mutated(text: str, luck: random.Random) -> bytes:
    """A table with one to three things wrong with it, in some encoding, perhaps cut."""
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(luck.randint(1, 3)):
        if rows:
            luck.choice(MUTATIONS)(rows, luck)
    mark = luck.choice((",", ",", ";", "\t", "|"))
    joined = luck.choice(("\n", "\r\n", "\n\n")).join(mark.join(row) for row in rows) + "\n"
    data = joined.encode(luck.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "gb18030")), "replace")
    if luck.random() < 0.1:
        data = data[: luck.randrange(len(data) + 1)]
    if luck.random() < 0.05:
        at = luck.randrange(len(data) + 1)
        data = data[:at] + luck.randbytes(3) + data[at:]
    return data


def outcome(folder: Path) -> str:
    """What came of a folder: `read`, `refused`, or what should never be."""
    began = time.perf_counter()
    try:
        case = load_case(folder)
    except InputFaults as faults:
        found = "refused" if str(faults).strip() else "NO SENTENCE"
    except Exception as error:  # whatever it is, it should never be
        found = f"ERROR {type(error).__name__}: {error}"
    else:
        counts = {each.file: each.used for each in case.brought}
        held = {"customers.csv": len(case.customers), "requests.csv": len(case.requests)}
        lost = [name for name, count in held.items() if counts.get(name, count) != count]
        found = f"LOST ROWS of {', '.join(lost)}" if lost else "read"
    return "SLOW" if time.perf_counter() - began > SLOW_S else found


def run(count: int, seed: int, folder: Path) -> Counter[str]:
    """Damage one table after another; how often each outcome came."""
    write_small_case(folder)
    sound = {name: (folder / f"{name}.csv").read_bytes() for name in TABLES}
    luck = random.Random(seed)
    found: Counter[str] = Counter()
    for at in range(count):
        name = luck.choice(TABLES)
        (folder / f"{name}.csv").write_bytes(mutated(sound[name].decode(), luck))
        what = outcome(folder)
        found[what] += 1
        if what.isupper() or what.split()[0].isupper():
            print(f"input {at} of seed {seed}, {name}: {what}", file=sys.stderr)
        (folder / f"{name}.csv").write_bytes(sound[name])
    return found


def main() -> int:
    """Run and count; the exit status is 1 when something came out that never should."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(args.count, args.seed, Path(folder) / "case")
    for what, times in found.most_common():
        print(f"{times:>7,}  {what}")
    return 0 if set(found) <= {"read", "refused"} else 1


if __name__ == "__main__":
    sys.exit(main())
