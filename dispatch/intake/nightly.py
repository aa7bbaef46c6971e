"""What of a new export a room can take while it runs: switch states, customers of the grid in force."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

from geo import Grid, load_grid

WORDS = {True: "closed", False: "open"}


def switches_csv(after: Grid, before: Grid) -> bytes:
    """How the switches stand that a room's grid has too, as a file of switches."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "normal", "present"])
    switches, known = after.switches, before.switch_at
    states = zip(
        switches.ids.tolist(), switches.normal_closed.tolist(), switches.closed.tolist(), strict=True
    )
    for id_, normal, closed in states:
        if id_ in known:
            writer.writerow((id_, WORDS[bool(normal)], WORDS[bool(closed)]))
    return out.getvalue().encode()


def switches_of(folder: Path, before: Grid) -> bytes:
    """How the switches of a case folder that an import made stand, as `switches_csv` has it."""
    return switches_csv(load_grid(folder / "grid"), before)


def with_transformers(customers: bytes, known: Collection[str]) -> tuple[bytes, int]:
    """The rows of a table of customers whose transformer is known, and how many are left out.

    Customers on transformers that are new themselves come with the grid, which a room takes when it starts.
    """
    rows = list(csv.reader(io.StringIO(customers.decode("utf-8-sig"))))
    at = rows[0].index("transformer")
    kept = [row for row in rows[1:] if row[at] in known]
    if len(kept) == len(rows) - 1:
        return customers, 0
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([rows[0], *kept])
    return out.getvalue().encode(), len(rows) - 1 - len(kept)
