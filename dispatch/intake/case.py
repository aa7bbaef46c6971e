"""Reads a case folder: every file, every fault, and then either a whole case or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TypeGuard, TypeVar

import pandas as pd

from geo import GeoError, Grid, Roads, load_grid, load_roads
from geo.roads.tags import Vehicle
from rules import Policy, PolicyError, load_policy

from ..ground.beliefs import USUAL
from ..ground.case import Case, CrewShift, Customers, Depot, Settings, ShiftRule, Sign
from ..ground.errors import InputFaults, nearest
from ..ground.shifts import Dated, Shifts
from .aside import BAD_ROWS_PERCENT, good_rows
from .beliefs import beliefs_of
from .cells import Parsed, parse
from .checks import check_places, check_references, check_signs
from .crews import crew_shifts
from .decoding import MAX_BYTES, Sizes, Unreadable, check_file
from .gathering import Gathering
from .places import Ground, in_degrees, names_of_transformers
from .reading import Raw, read_raw
from .requests import check_requests, requests_of
from .rosters import shift_rules
from .schema import BELIEFS, CREWS, CUSTOMERS, DEPOTS, REQUESTS, ROSTER, SETTINGS, SIGNS, Table
from .settings import read_settings
from .times import Zone

Network = TypeVar("Network", Roads, Grid)

ROAD_FILES = (
    *("roads_nodes.csv", "roads_nodes.csv.gz", "roads.gpkg", "roads.geojson", "roads.parquet"),
    *("roads.shp", "roads.graphml", "roads.osm.pbf", "roads.osm", "roads.osm.gz", "roads.osm.bz2"),
)
GRID_FILES = ("grid", "grid.gpkg", "grid.geojson")
MAX_SNAP_M = float(SETTINGS.column_by_name["max_snap_m"].default)
PACKS = Path(str(files("rules") / "packs"))
POLICY_ENDINGS = (".yaml", ".yml", ".xlsx")


def load_case(
    folder: Path | str, *, now: datetime | None = None, max_bytes: int = MAX_BYTES, strict: bool = False
) -> Case:
    """Read and check a case folder, as `docs/case-folder.md` describes it.

    Parameters
    ----------
    folder : path of the case folder.
    now : aware; in place of the settings' own `now`.
    max_bytes : files above this size, packed or unpacked, are refused unread.
    strict : bad rows, columns that nobody knows and whatever else would be repaired are faults.

    Returns
    -------
    Case
        Checked, its names resolved against one another; `brought` says what was repaired and set aside.

    Raises
    ------
    InputFaults
        With every fault of every file.
    """
    folder = Path(folder)
    faults = Gathering(strict=strict)
    if now is not None and now.tzinfo is None:
        faults.add(folder.name, "now", f"'{now.isoformat()}' has no offset")
    if not folder.is_dir():
        what = "is a file; a case is a folder" if folder.exists() else "does not exist"
        faults.add(str(folder), "", what)
    faults.raise_any()
    try:
        return Reading(folder=folder, max_bytes=max_bytes, faults=faults).case(now)
    except OSError as error:
        # A folder that may not be listed, or a disk that fails between looking and reading.
        faults.add(str(error.filename or folder), "", f"cannot be read: {error.strerror or error}")
    raise InputFaults(faults.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What counts where the settings cannot be read."""

    now: datetime | None = None
    max_snap_m: float = MAX_SNAP_M
    bad_rows_percent: float = BAD_ROWS_PERCENT


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of a folder; each step notes its faults and answers None where it failed.

    Parameters
    ----------
    given : tables that do not come out of the folder: what reads each of them, by name.
    tables : what was read, without the rows that are set aside.
    """

    folder: Path
    max_bytes: int
    faults: Gathering
    given: Mapping[str, Callable[[Zone | None], Raw | None]] = field(default_factory=dict)
    tables: dict[str, Parsed] = field(default_factory=dict)

    def case(self, now: datetime | None) -> Case:
        """The whole case.

        Raises
        ------
        InputFaults
            With every fault of every file.
        """
        path = self.folder / "settings.yaml"
        settings = read_settings(path, self.faults, now=now, max_bytes=self.max_bytes)
        zone = Zone(settings.zone) if settings is not None else None
        roads = self.network(ROAD_FILES, partial(load_roads, vehicle=_vehicle(settings)), "roads")
        grid = self.network(GRID_FILES, load_grid, "grid")
        stated = settings.coordinates if settings is not None else ""
        ground = Ground(roads=roads, grid=grid, stated=stated)
        # Customers first: they are many, and show in which system the other tables' places may be.
        customers, depots, crews, requests, signs, roster, beliefs = (
            self.table(table, zone, ground)
            for table in (CUSTOMERS, DEPOTS, CREWS, REQUESTS, SIGNS, ROSTER, BELIEFS)
        )
        if crews is not None and _has_ids(depots):
            check_references(crews, "depot", depots.ids, "depot", self.faults)
        if roster is not None and _has_ids(crews):
            check_references(roster, "crew", set(crews.ids), "crew", self.faults)
        rules = shift_rules(roster, self.faults) if roster is not None else ()
        ruled = {rule.crew for rule in rules}
        shifts = crew_shifts(crews, self.faults, zone, ruled) if crews is not None else ()
        believed = beliefs_of(beliefs, self.faults) if beliefs is not None else None
        policy = self.policy(settings) if settings is not None else None
        terms = settings or Terms()
        for parsed in (depots, crews):
            if parsed is not None and roads is not None:
                check_places(parsed, roads, terms.max_snap_m, self.faults)
        customers = self.customers(customers, roads, grid, terms)
        requests = self.requests(requests, customers, roads, terms)
        if signs is not None and grid is not None and _has_ids(customers):
            check_signs(signs, customers, grid, self.faults)
            signs = good_rows(signs, self.faults, terms.bad_rows_percent)
        for parsed in (depots, crews, customers, requests, signs, roster, beliefs):
            if parsed is not None:
                self.tables[parsed.table.name] = parsed
        self.faults.raise_any()
        if not (
            settings and depots and crews and customers and requests is not None and roads and grid and policy
        ):
            raise AssertionError("a file that could not be read left no fault")
        return Case(
            settings=settings,
            requests=requests_of(requests),
            customers=Customers(table=_customer_table(customers)),
            crews=_crews_at(settings, shifts, rules, policy),
            depots=tuple(Depot(**record) for record in depots.records()),
            roads=roads,
            grid=grid,
            policy=policy,
            signs=tuple(Sign(**record) for record in signs.records()) if signs is not None else (),
            shifts=shifts,
            rules=rules,
            beliefs=believed or USUAL,
            brought=self.faults.brought(),
        )

    def customers(
        self, customers: Parsed | None, roads: Roads | None, grid: Grid | None, terms: Settings | Terms
    ) -> Parsed | None:
        """The customers that hang on a transformer and have a place; the others are set aside."""
        if customers is None:
            return None
        if grid is not None:
            known = [str(name) for name in grid.transformers.ids]
            names = names_of_transformers(grid)
            check_references(customers, "transformer", known, "transformer", self.faults, names)
        if roads is not None:
            check_places(customers, roads, terms.max_snap_m, self.faults)
        return good_rows(customers, self.faults, terms.bad_rows_percent)

    def requests(
        self, requests: Parsed | None, customers: Parsed | None, roads: Roads | None, terms: Settings | Terms
    ) -> Parsed | None:
        """The requests that can be read; one from a customer whom nobody knows stays, without a customer."""
        if requests is None:
            return None
        check_requests(requests, self.faults, terms.now)
        if _has_ids(customers):
            check_references(requests, "customer", customers.ids, "customer", self.faults)
        if roads is not None:
            check_places(requests, roads, terms.max_snap_m, self.faults)
        return good_rows(requests, self.faults, terms.bad_rows_percent)

    def table(self, table: Table, zone: Zone | None, ground: Ground) -> Parsed | None:
        """Find and read the one file of a table, or what is given for it."""
        if table.name in self.given:
            return self.parsed(self.given[table.name](zone), table, zone, ground)
        found = [path for ending in table.endings if (path := self.folder / f"{table.name}{ending}").exists()]
        if not found and table.optional_file:
            return None
        if len(found) != 1:
            self.no_single_file(table, found)
            return None
        raw = read_raw(found[0], table, self.faults, zone=zone, sizes=Sizes(bytes_=self.max_bytes))
        return self.parsed(raw, table, zone, ground)

    def parsed(self, raw: Raw | None, table: Table, zone: Zone | None, ground: Ground) -> Parsed | None:
        """Turn a table's text into values."""
        if raw is None:
            return None
        if len(raw.rows) == 0 and table not in (REQUESTS, SIGNS, ROSTER, BELIEFS):
            self.faults.add(raw.file, "", "has a header but no row")
        placed = in_degrees(raw, ground, self.faults)
        return None if placed is None else parse(placed, table, self.faults, zone=zone)

    def no_single_file(self, table: Table, found: list[Path]) -> None:
        """Note that a table has no file, or several."""
        if found:
            names = " and ".join(path.name for path in found)
            self.faults.add(table.name, "", f"{names} are both there; keep one of them")
            return
        names = " or ".join(f"{table.name}{ending}" for ending in table.endings)
        self.faults.add(table.name, "", f"missing; expected {names}{self.similar(table.name)}")

    def similar(self, name: str) -> str:
        """Suggest a file of the folder whose name is like the missing one."""
        stems = {path.name: path.name.split(".")[0] for path in self.folder.iterdir()}
        hint = nearest(name, stems.values())
        return next(
            (f"; is '{file}' meant?" for file, stem in stems.items() if hint and f"'{stem}'" in hint), ""
        )

    def network(self, names: Iterable[str], load: Callable[[Path], Network], what: str) -> Network | None:
        """Read roads or grid; their faults join the others."""
        path = next((self.folder / name for name in names if (self.folder / name).exists()), None)
        if path is None:
            self.faults.add(what, "", f"missing; expected {' or '.join(names)}{self.similar(what)}")
            return None
        if not self.sizes_allowed(path):
            return None
        try:
            return load(self.folder if path.suffix in (".csv", ".gz") else path)
        except GeoError as error:
            self.faults.add_foreign(error, path)
        return None

    def sizes_allowed(self, path: Path) -> bool:
        """Refuse files that are too large before anybody opens them."""
        allowed = True
        parts = sorted(path.iterdir()) if path.is_dir() else [path]
        if path.name.startswith("roads_nodes"):
            parts += [self.folder / path.name.replace("nodes", "edges")]
        for part in parts:
            try:
                if part.exists() and not part.is_dir():
                    check_file(part, self.max_bytes)
            except Unreadable as error:
                self.faults.add(part.name, "", str(error))
                allowed = False
        return allowed

    def policy(self, settings: Settings) -> Policy | None:
        """Load the policy that the settings name: a file of the folder or a built-in pack."""
        path = self.policy_path(settings.policy)
        if path is None:
            return None
        try:
            check_file(path, self.max_bytes)
            return _policy_of(path) if path.parent == PACKS else load_policy(path)
        except Unreadable as error:
            self.faults.add(path.name, "", str(error))
        except PolicyError as error:
            self.faults.add_foreign(error, path)
        return None

    def policy_path(self, name: str) -> Path | None:
        """Where a policy is; a fault when the name leads nowhere or out of the folder."""
        place = "key 'policy'"
        if Path(name).name != name:
            self.faults.add(
                "settings.yaml", place, f"'{name}' is a path; expected a file name of this folder"
            )
            return None
        if name.endswith(POLICY_ENDINGS):
            path = self.folder / name
            if path.exists():
                return path
            known = [other.name for other in self.folder.iterdir() if other.suffix in POLICY_ENDINGS]
            self.faults.add("settings.yaml", place, f"there is no file '{name}' here{nearest(name, known)}")
            return None
        packs = built_in_policies()
        if name not in packs:
            hint = nearest(name, packs) or f"; built in are {', '.join(sorted(packs))}"
            self.faults.add("settings.yaml", place, f"there is no built-in policy '{name}'{hint}")
        return packs.get(name)


def _crews_at(
    settings: Settings, shifts: tuple[CrewShift, ...], rules: tuple[ShiftRule, ...], policy: Policy
) -> tuple[CrewShift, ...]:
    """Every crew with the shift that counts at the case's own moment, in the order of the file."""
    if not rules and len({shift.id for shift in shifts}) == len(shifts):
        return shifts
    known = Shifts((Dated(shift=each) for each in shifts), rules, settings.zone, policy.calendar)
    found, _ = known.at(settings.now, timedelta(hours=settings.unserved_after_h))
    by_id = {each.id: each for each in found}
    return tuple(by_id[each] for each in dict.fromkeys(shift.id for shift in shifts))


def _vehicle(settings: Settings | None) -> Vehicle:
    """The crews' largest vehicle."""
    if settings is None:
        return Vehicle()
    height_m, width_m, weight_t = settings.truck_height_m, settings.truck_width_m, settings.truck_weight_t
    return Vehicle(height_m=height_m, width_m=width_m, weight_t=weight_t)


def _has_ids(parsed: Parsed | None) -> TypeGuard[Parsed]:
    """Whether references to a file can be judged: not when its column `id` is missing."""
    return parsed is not None and "id" in parsed.texts


def built_in_policies() -> dict[str, Path]:
    """Policies that come with the program, by name."""
    return {path.stem: path for path in sorted(PACKS.glob("*.yaml"))}


@cache
def _policy_of(path: Path) -> Policy:
    """Load a built-in policy once: its file does not change while the program runs."""
    return load_policy(path)


def _customer_table(parsed: Parsed) -> pd.DataFrame:
    columns = {name: values for name, values in parsed.values.items() if name != "id"}
    return pd.DataFrame(columns, index=pd.Index(parsed.values["id"], name="id", dtype=object))
