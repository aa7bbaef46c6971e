"""Records of interruptions that cannot be as they are: doubled, overlapping, endless, of more than all.

Nothing is invented: what cannot be right is left out and counted, and one customer who is out
twice at the same time is out once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..ground.brought import SetAside
from ..intake.cells import Parsed
from ..intake.gathering import EXAMPLES, Gathering
from ..intake.reading import Raw

LONGEST = timedelta(days=90)
"""Longer than this is taken for a slip of the date."""


def still_open(raw: Raw, faults: Gathering) -> Raw:
    """Set interruptions aside that have no end yet, however many they are."""
    ends, begins = raw.columns.get("on_at"), raw.columns.get("off_at")
    if ends is None or begins is None:
        return raw
    lacking = (ends == "") & (begins != "")
    if not lacking.any() or lacking.all():
        return raw
    reasons = ("column 'on_at': is empty: supply is not back yet, and the interruption counts when it is",)
    faults.set_aside(
        raw.file,
        [
            SetAside(
                row=int(row),
                reasons=reasons,
                cells={name: str(cells[at]) for name, cells in raw.columns.items()},
            )
            for at, row in zip(np.flatnonzero(lacking).tolist(), raw.rows[lacking].tolist(), strict=True)
        ],
    )
    kept = ~lacking
    columns = {name: cells[kept] for name, cells in raw.columns.items()}
    return replace(raw, columns=columns, rows=raw.rows[kept])


def without_repeats(raw: Raw, faults: Gathering) -> Raw:
    """Set rows aside that repeat another one cell by cell."""
    repeated: NDArray[np.bool_] = pd.DataFrame(raw.columns).duplicated().to_numpy()
    if not repeated.any():
        return raw
    first = pd.DataFrame(raw.columns).groupby(list(raw.columns), sort=False, dropna=False).ngroup().to_numpy()
    rows = {group: int(row) for group, row in zip(first[::-1].tolist(), raw.rows[::-1].tolist(), strict=True)}
    faults.set_aside(
        raw.file,
        [
            SetAside(
                row=int(raw.rows[at]),
                reasons=(f"repeats row {rows[int(first[at])]}, and is counted once",),
                cells={name: str(cells[at]) for name, cells in raw.columns.items()},
            )
            for at in np.flatnonzero(repeated).tolist()
        ],
    )
    columns = {name: cells[~repeated] for name, cells in raw.columns.items()}
    return replace(raw, columns=columns, rows=raw.rows[~repeated])


def check_records(parsed: Parsed, served: int | None, faults: Gathering) -> None:
    """Note what concerns several cells of a row: an end before the beginning, more customers than served."""
    for row, record in zip(parsed.rows.tolist(), parsed.records(), strict=True):
        off, on, count = record["off_at"], record["on_at"], record["customers"]
        if isinstance(off, datetime) and isinstance(on, datetime):
            if on < off:
                text = f"is {on.isoformat()}; supply cannot be back before it was lost ({off.isoformat()})"
                faults.add(parsed.file, f"row {row}, column 'on_at'", text)
            elif on - off > LONGEST:
                text = f"makes an interruption of {(on - off).days} days; at most {LONGEST.days} are likely"
                faults.add(parsed.file, f"row {row}, column 'on_at'", text)
        if record["customer"] is not None and count not in (None, 1):
            text = f"is {count}; must be 1 or empty where `customer` names one"
            faults.add(parsed.file, f"row {row}, column 'customers'", text)
        elif served is not None and isinstance(count, int) and count > served:
            # The column may be empty, but a wrong figure may not be taken for 1.
            text = f"column 'customers': is {count:,}, more than the {served:,} customers served"
            faults.add(parsed.file, f"row {row}", text)


def check_sums(table: pd.DataFrame, file: str, served: int, faults: Gathering) -> None:
    """Say which interruptions took, in all their steps, more customers than there are."""
    steps = table[table["customer"].isna()]
    sums = steps["customers"].astype(float).groupby(steps["interruption"], sort=False).sum()
    above = sums[sums > served]
    if len(above):
        shown = [f"'{name}': {count:,.0f} of {served:,}" for name, count in above.head(EXAMPLES).items()]
        faults.repaired(
            file, "interruptions of more customers than are served, counted as they are", shown, len(above)
        )


def check_at_once(table: pd.DataFrame, file: str, served: int, faults: Gathering) -> None:
    """Say when interruptions together have more customers without supply than there are."""
    counts = table["customers"].astype(float).to_numpy()
    off, on = (pd.to_datetime(pd.Series(list(table[each])), utc=True) for each in ("off_at", "on_at"))
    changes = pd.DataFrame({"at": pd.concat([on, off]), "by": np.concatenate([-counts, counts])}).sort_values(
        ["at", "by"], kind="stable"
    )
    out = changes["by"].cumsum().to_numpy()
    begins = np.flatnonzero((out > served) & (np.concatenate([[0.0], out[:-1]]) <= served))
    if len(begins):
        moments = [changes["at"].iloc[at].isoformat() for at in begins[:EXAMPLES].tolist()]
        shown = [
            f"{out[at]:,.0f} of {served:,} from {moment}"
            for at, moment in zip(begins[:EXAMPLES].tolist(), moments, strict=True)
        ]
        what = (
            "times with more customers out at once than are served, counted as they are; records may overlap"
        )
        faults.repaired(file, what, shown, len(begins))


def merged(table: pd.DataFrame, file: str, faults: Gathering) -> pd.DataFrame:
    """Make one interruption of those that one customer has at the same time.

    The first goes on until the last of them ends.
    """
    named = table["customer"].notna()
    if not named.any():
        return table
    off = pd.to_datetime(pd.Series(list(table["off_at"]), index=table.index), utc=True)
    on = pd.to_datetime(pd.Series(list(table["on_at"]), index=table.index), utc=True)
    order = pd.DataFrame({"who": table["customer"], "off": off, "on": on})[named].sort_values(
        ["who", "off"], kind="stable"
    )
    until = order.groupby("who", sort=False)["on"].cummax().groupby(order["who"], sort=False).shift()
    over = order["off"] < until
    if not over.any():
        return table
    group = (~over).cumsum()
    longest = order["on"].groupby(group).idxmax()
    first = order.groupby(group).head(1).index
    joined = table.drop(index=order.index[over]).copy()
    joined.loc[first, "on_at"] = pd.Series(
        [table.at[at, "on_at"] for at in longest], index=first, dtype=object
    )
    shown = [
        f"customer '{order.at[at, 'who']}' is out twice from {table.at[at, 'off_at'].isoformat()}"
        for at in order.index[over][:EXAMPLES]
    ]
    what = "records that overlap another one of the same customer, counted as one interruption"
    faults.repaired(file, what, shown, int(over.sum()))
    return joined.reset_index(drop=True)
