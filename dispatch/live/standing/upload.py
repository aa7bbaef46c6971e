"""A file of crews, shift rules, depots, customers, switches or beliefs that comes in while the day runs.

Every fault is found by what reads the case folder too; what is left is what the file changes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from geo import GeoError, Grid

from ...ground.case import Case, Customers, Depot
from ...ground.errors import Fault
from ...ground.shifts import Dated
from ...intake.beliefs import beliefs_of
from ...intake.cells import Parsed
from ...intake.checks import check_places, check_references
from ...intake.crews import crew_shifts
from ...intake.decoding import Sizes
from ...intake.gathering import Gathering
from ...intake.rosters import shift_rules
from ...intake.schema import BELIEFS, CREWS, CUSTOMERS, DEPOTS, ROSTER, SWITCHES, Table
from ...intake.sent_tables import read_sent_table
from ...intake.times import Zone
from .parts import KINDS, Data, dated_by_key, shift_data, switch_rows
from .versions import Change, Standing, difference

MOST_BYTES = 32 * 2**20
MOST_ROWS = 400_000
MOST_CHANGED = 20_000
SIZES = Sizes(bytes_=MOST_BYTES, rows=MOST_ROWS, columns=200, cells=20_000_000)
ENDINGS = (".csv", ".xlsx")
TABLES: Mapping[str, Table] = MappingProxyType(
    {"crews": CREWS, "roster": ROSTER, "depots": DEPOTS, "customers": CUSTOMERS, "switches": SWITCHES}
    | {"beliefs": BELIEFS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What is in a file that was sent.

    Parameters
    ----------
    rows : how many it has.
    change : what it would change; None where it has faults.
    repairs : what was read otherwise than it is written, a line for each kind.
    """

    rows: int
    faults: tuple[Fault, ...]
    change: Change | None
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """What is known where a file is read."""

    standing: Standing
    case: Case
    faults: Gathering
    whole: bool

    def part(self, kind: str) -> Any:
        return self.standing.part(kind)


def read_sent(standing: Standing, case: Case, kind: str, content: bytes, name: str, *, whole: bool) -> Sent:
    """Read a file and hold it against what is in force.

    Parameters
    ----------
    case : what is in force.
    whole : what the file does not name is taken away; a file of crews is always whole from its
        first shift on, and a file of switches never.
    """
    faults, table = Gathering(), TABLES[kind]
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        faults.add(name, "", f"ends in '{ending}'; expected {' or '.join(ENDINGS)}")
    elif len(content) > MOST_BYTES:
        faults.add(name, "", f"is too large; at most {MOST_BYTES // 2**20} MiB")
    if faults.faults:
        return Sent(rows=0, faults=tuple(faults.faults), change=None)
    zone = Zone(case.settings.zone)
    with tempfile.TemporaryDirectory(prefix="gridcrew-") as folder:
        # A name of our own: what the sender calls the file never meets the file system.
        path = Path(folder) / f"{kind}{ending}"
        path.write_bytes(content)
        parsed = read_sent_table(path, table, faults, case.settings.zone, SIZES)
    if parsed is None:
        return Sent(rows=0, faults=tuple(faults.faults), change=None, repairs=_repairs(faults))
    reader = _Reader(standing=standing, case=case, faults=faults, whole=whole)
    change = READERS[kind](reader, parsed, zone)
    if change is not None and len(change.keys) > MOST_CHANGED:
        faults.add(parsed.file, "", f"would change {len(change.keys)} rows; at most {MOST_CHANGED} at a time")
    found = tuple(faults.faults)
    change = None if found else change
    return Sent(rows=len(parsed), faults=found, change=change, repairs=_repairs(faults))


def _repairs(faults: Gathering) -> tuple[str, ...]:
    return tuple(str(repair) for each in faults.brought() for repair in each.repairs)


def _crews(reader: _Reader, parsed: Parsed, zone: Zone) -> Change | None:
    """Shifts from the first one of the file on; what began before stays as it is."""
    rules = reader.part("roster").values()
    check_references(parsed, "depot", reader.part("depots"), "depot", reader.faults)
    check_places(parsed, reader.case.roads, reader.case.settings.max_snap_m, reader.faults)
    shifts = crew_shifts(parsed, reader.faults, zone, {rule.crew for rule in rules})
    if reader.faults.faults:
        return None
    known: Mapping[str, Dated] = reader.part("crews")
    new = dated_by_key(shifts)
    first = min((each.shift.shift_start for each in new.values() if not each.empty), default=None)
    gone, put = [], {key: each for key, each in new.items() if known.get(key) != each}
    for key, each in known.items():
        if key in new or each.empty or first is None:
            continue
        if each.shift.shift_start >= first:
            gone.append(key)
        elif (cut := _cut_short(each, new.values())) is not None:
            put[key] = cut
    return Change(put={key: shift_data(each.shift) for key, each in put.items()}, gone=tuple(gone))


def _cut_short(before: Dated, new: Iterable[Dated]) -> Dated | None:
    """A shift from before the file's first, up to the crew's own in the file; None if they do not meet."""
    shift = before.shift
    starts = [
        each.shift.shift_start
        for each in new
        if each.shift.id == shift.id and shift.shift_start < each.shift.shift_start < shift.shift_end
    ]
    if not starts or before.cancelled:
        return None
    end = min(starts)
    breaks = tuple(each for each in shift.breaks if each.latest <= end)
    return Dated(shift=replace(shift, shift_end=end, breaks=breaks))


def _roster(reader: _Reader, parsed: Parsed, _: Zone) -> Change | None:
    known = {each.shift.id for each in reader.part("crews").values()}
    check_references(parsed, "crew", known, "crew", reader.faults)
    rules = shift_rules(parsed, reader.faults)
    if reader.faults.faults:
        return None
    return _against(reader, "roster", {each.id: each for each in rules})


def _depots(reader: _Reader, parsed: Parsed, _: Zone) -> Change | None:
    check_places(parsed, reader.case.roads, reader.case.settings.max_snap_m, reader.faults)
    if reader.faults.faults:
        return None
    change = _against(reader, "depots", {each.id: each for each in _depots_of(parsed)})
    based = {crew.depot for crew in reader.case.crews}
    for name in sorted(based & set(change.gone)):
        text = (
            f"depot '{name}' is missing, and crews are based there; send the crews with another depot first"
        )
        reader.faults.add(parsed.file, "", text)
    return change


def _depots_of(parsed: Parsed) -> list[Depot]:
    return [Depot(**record) for record in parsed.records()]


def _against(reader: _Reader, kind: str, new: Mapping[str, Any]) -> Change:
    """What new things make of those in force."""
    rows = KINDS[kind].rows
    change = difference(rows(reader.part(kind)), rows(new))
    return change if reader.whole else replace(change, gone=())


def _beliefs(reader: _Reader, parsed: Parsed, _: Zone) -> Change | None:
    made = beliefs_of(parsed, reader.faults)
    if made is None or reader.faults.faults:
        return None
    # What the file does not name goes back to what the program has, where the file is the whole.
    named = {str(name) for name in parsed.values["name"]}
    whole = made.by_name()
    return _against(reader, "beliefs", whole if reader.whole else {each: whole[each] for each in named})


def _customers(reader: _Reader, parsed: Parsed, _: Zone) -> Change | None:
    known = [str(name) for name in reader.case.grid.transformers.ids]
    check_references(parsed, "transformer", known, "transformer", reader.faults)
    check_places(parsed, reader.case.roads, reader.case.settings.max_snap_m, reader.faults)
    if reader.faults.faults:
        return None
    part: Customers = reader.part("customers")
    columns = {name: values for name, values in parsed.values.items() if name != "id"}
    new = pd.DataFrame(columns, index=pd.Index(parsed.values["id"], name="id", dtype=object))
    differs = _differs(part.table, new)
    changed = new.loc[differs]
    if len(changed) > MOST_CHANGED:
        text = f"would change {len(changed)} rows; at most {MOST_CHANGED} at a time"
        reader.faults.add(parsed.file, "", text)
        return None
    gone = part.table.index[~part.table.index.isin(new.index)] if reader.whole else []
    put = {str(id_): facts for id_ in changed.index if (facts := Customers(table=changed).facts(str(id_)))}
    return Change(put=put, gone=tuple(str(each) for each in gone))


def _differs(old: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    """Which rows are not in the old table as they are."""
    there = new.index.isin(old.index)
    differs: np.ndarray = ~np.asarray(there)
    same = old.loc[new.index[there]]
    for name in new.columns:
        one, other = same[name].to_numpy(), new.loc[new.index[there], name].to_numpy()
        both_empty = pd.isna(one) & pd.isna(other)
        differs[there] |= ~both_empty & (one != other)
    return differs


def _switches(reader: _Reader, parsed: Parsed, _: Zone) -> Change | None:
    grid: Grid = reader.part("switches")
    check_references(parsed, "id", [str(each) for each in grid.switches.ids], "switch", reader.faults)
    if reader.faults.faults:
        return None
    before = switch_rows(grid)
    put: dict[str, Data] = {}
    for record in parsed.records():
        normal = record["normal"] or before[record["id"]]["normal"]
        row = {"id": record["id"], "normal": normal, "present": record["present"] or normal}
        if row != before[record["id"]]:
            put[record["id"]] = row
    for fault in grid_faults(grid, put):
        reader.faults.add(parsed.file, fault.place, fault.text)
    return Change(put=put)


def grid_faults(grid: Grid, put: Mapping[str, Data]) -> list[Fault]:
    """What would be wrong with the grid if switches stood like this."""
    try:
        KINDS["switches"].applied(grid, put, ()).checked()
    except GeoError as error:
        known = {fault.text for fault in grid.validate()}
        return [
            Fault(file="switches", place=each.place, text=each.text)
            for each in error.faults
            if each.severity == "error" and each.text not in known
        ]
    return []


READERS: Mapping[str, Callable[[_Reader, Parsed, Zone], Change | None]] = MappingProxyType(
    {
        "crews": _crews,
        "roster": _roster,
        "depots": _depots,
        "beliefs": _beliefs,
        "customers": _customers,
        "switches": _switches,
    }
)
