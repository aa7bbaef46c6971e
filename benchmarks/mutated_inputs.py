"""Run what a user runs on thousands of damaged files, and count what came of it.

    python benchmarks/mutated_inputs.py                          # 10,000 inputs, ten of a hundred kinds each
    python benchmarks/mutated_inputs.py --count 500 --only tables,cim --seed 7 --commands 50

Tables (CSV, Excel, GeoJSON, GeoPackage), settings, mappings, grids (CIM, pandapower, OpenDSS, tables),
roads (OSM, tables, GeoPackage), histories, problem files, plans, rules, scenarios: sound small ones,
damaged by `mutations.py`. Files of `GRIDCREW_SHARED` (cases) join them where it is set. Each input goes to
the program's own `main` in a process that may take so much time and memory; `--commands` of them run as
commands of their own.

What should never be: an unexpected error, no sentence with a refusal, a hang, a death of the process, an
accepted case that holds what cannot be, and a row that is neither used nor repaired nor set aside. Rows are
counted here from the table that was damaged, not by what the program says.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import mutations as m  # noqa: E402

LIMIT_S = 30.0
MEMORY_MB = 6144
FINE = frozenset({0, 1, 2})
NEVER = ("Traceback (most recent call last)", ": unexpected ", "This is a bug")
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """Sound files, which of them is damaged and how, and what reads them.

    Parameters
    ----------
    command : of `gridcrew`, {folder} and {out} filled in; of a case, its check.
    counted : the file is a table whose rows are counted: `case` or `import`.
    """

    group: str
    name: str
    files: Files
    hit: str
    command: tuple[str, ...]
    damage: Callable[[bytes, random.Random], tuple[bytes, int | None, list[str]]]
    counted: str = ""


@dataclass(slots=True)
class Outcomes:
    """How often what came of which kind of input, and what should never have."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)
    rows: int = 0
    counted: int = 0


# -- how each kind of file is damaged ----------------------------------------------------


def table_as(
    write: Callable[[m.Sheet, random.Random], bytes], gz: bool = False
) -> Callable[[bytes, random.Random], tuple[bytes, int | None, list[str]]]:
    """Damage a table row by row, write it in a format, and now and then its bytes too."""

    def damage(sound: bytes, luck: random.Random) -> tuple[bytes, int | None, list[str]]:
        sheet = m.Sheet.of(decoded(sound))
        done = m.damaged(sheet, luck)
        data = write(sheet, luck)
        rows = sheet.below()
        if luck.random() < 0.15:
            data, rows = (m.archive if data[:2] == b"PK" else m.text_bytes)(data, luck), None
            done.append("bytes")
        if gz:
            data = m.packed(data, luck)
        return data, rows if not gz else None, done

    return damage


def decoded(data: bytes) -> str:
    """The text of a sound file; some of the shared ones are in GB18030."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def by(*ways: m.Damage) -> Callable[[bytes, random.Random], tuple[bytes, int | None, list[str]]]:
    """Damage a file in one of several ways."""

    def damage(sound: bytes, luck: random.Random) -> tuple[bytes, int | None, list[str]]:
        way = luck.choice(ways)
        return way(sound, luck), None, [way.__name__]

    return damage


# -- sound files --------------------------------------------------------------------------


def _folder_files(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def case_seeds(label: str, files: Files) -> Iterator[Seed]:
    """A case folder with one of its files damaged, in every format that the file may have."""
    endings = {
        "customers": ("csv", "csv", "xlsx", "geojson", "csv.gz"),
        "requests": ("csv", "csv", "xlsx", "geojson"),
        "crews": ("csv", "xlsx"),
        "depots": ("csv", "xlsx", "geojson"),
        "signs": ("csv",),
        "roster": ("csv", "xlsx"),
    }
    writers = {"csv": m.as_csv, "xlsx": m.as_xlsx, "geojson": m.as_geojson, "csv.gz": m.as_csv}
    for name, kinds in endings.items():
        sound = f"{name}.csv"
        if sound not in files:
            continue
        for ending in kinds:
            rest = {key: value for key, value in files.items() if key != sound}
            yield Seed(
                group="tables",
                name=f"{label}/{name}.{ending}",
                files={**rest, "\0": files[sound]},
                hit=f"{name}.{ending}",
                command=("case", "check", "{folder}"),
                damage=table_as(writers[ending], ending == "csv.gz"),
                counted="case",
            )
    for name in (
        "settings.yaml",
        "roads_nodes.csv",
        "roads_edges.csv",
        *(key for key in files if key.startswith("grid/")),
    ):
        ways = by(m.text_bytes, m.words) if name.endswith(".yaml") else table_as(m.as_csv)
        yield Seed(
            group="folder",
            name=f"{label}/{name}",
            files=files,
            hit=name,
            command=("case", "check", "{folder}"),
            damage=ways,
        )


CHINESE = {
    "id": "户号",
    "lon": "经度",
    "lat": "纬度",
    "transformer": "所属台区",
    "industry": "行业类别",
    "area": "区域",
    "name": "户名",
    "phone": "联系电话",
    "address": "用电地址",
    "voltage_kv": "电压等级",
    "welfare": "生命支持设备",
}
MAPPING = """\
settings: {{name: Town, time_zone: America/Santiago, now: '2026-07-14T18:30:00-04:00', policy: cn}}
grid: grid
roads: roads
tables:
  customers:
    file: {file}
    columns: {{{columns}}}
    values: {{industry: {{医院: hospital}}}}
  depots: {{file: depots.csv, columns: {{id: id, name: name, lon: lon, lat: lat}}}}
  crews:
    file: crews.csv
    columns:
      {{id: id, name: name, depot: depot, shift_start: shift_start, shift_end: shift_end, skills: skills}}
  requests:
    file: requests.csv
    columns: {{id: id, received_at: received_at, words: words, customer: customer}}
    formats: {{received_at: '%Y-%m-%dT%H:%M:%S%z'}}
"""


def mapping_seeds(files: Files) -> Iterator[Seed]:
    """A mapping, damaged; and a Chinese list read by a sound one."""
    lines = files["customers.csv"].decode().splitlines()
    names = lines[0].split(",")
    columns = ", ".join(f"{name}: {CHINESE.get(name, name)}" for name in names)
    chinese = "\n".join([",".join(CHINESE.get(name, name) for name in names), *lines[1:]]).encode()
    base = {f"roads/{key}" if key.startswith("roads_") else key: value for key, value in files.items()}
    del base["customers.csv"]
    for ending, write in (("csv", m.as_csv), ("xlsx", m.as_xlsx)):
        text = MAPPING.format(file=f"用户.{ending}", columns=columns).encode()
        yield Seed(
            group="tables",
            name=f"import/用户.{ending}",
            files={**base, "mapping.yaml": text, "\0": chinese},
            hit=f"用户.{ending}",
            command=("case", "import", "{folder}/mapping.yaml", "--out", "{out}/case"),
            damage=table_as(write),
            counted="import",
        )
        yield Seed(
            group="new",
            name=f"new/用户.{ending}",
            files={**base, "\0": chinese},
            hit=f"用户.{ending}",
            command=("case", "new", "{folder}", "--out", "{folder}/mapping.yaml"),
            damage=table_as(write),
        )
    text = MAPPING.format(file="用户.csv", columns=columns).encode()
    yield Seed(
        group="mapping",
        name="mapping.yaml",
        files={**base, "用户.csv": chinese, "mapping.yaml": text},
        hit="mapping.yaml",
        command=("case", "import", "{folder}/mapping.yaml", "--out", "{out}/case"),
        damage=by(m.text_bytes, m.words, m.words),
    )


def geopackage(files: Files) -> bytes:
    """The customers of a case as a GeoPackage."""
    import geopandas  # noqa: PLC0415 - once, for one kind of input
    import pandas as pd  # noqa: PLC0415

    table = pd.read_csv(io.BytesIO(files["customers.csv"]), dtype=str)
    place = geopandas.points_from_xy(table.pop("lon").astype(float), table.pop("lat").astype(float))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        geopandas.GeoDataFrame(table, geometry=place, crs="EPSG:4326").to_file(
            path, layer="customers", driver="GPKG"
        )
        return path.read_bytes()


def grid_seeds() -> Iterator[Seed]:
    """Grids in the forms that other programs write."""
    from tests.geo.test_cim_states import VOLTAGES, feeder  # noqa: PLC0415 - the tests' own small grids
    from tests.geo.test_grid_readers import cim  # noqa: PLC0415
    from tests.geo.test_opendss import TOWN  # noqa: PLC0415
    from tests.test_starting_points import small_net  # noqa: PLC0415

    texts = [*VOLTAGES, *(text for part in feeder().values() for text in part)]
    found: dict[str, tuple[bytes, tuple[m.Damage, ...]]] = {
        "town.xml": (cim(*texts).encode(), (m.text_bytes, m.words, m.words)),
        "Master.dss": (TOWN.replace("{more}", "").encode(), (m.words, m.text_bytes)),
    }
    with tempfile.TemporaryDirectory() as folder:
        small_net(Path(folder))
        found["net.json"] = ((Path(folder) / "net.json").read_bytes(), (m.tree, m.tree, m.text_bytes))
    for path in shared("grid"):
        if path.suffix in (".xml", ".json"):
            ways = (
                (m.tree, m.tree, m.text_bytes) if path.suffix == ".json" else (m.text_bytes, m.words, m.words)
            )
            found[path.name] = (path.read_bytes(), ways)
    for name, (data, ways) in found.items():
        kind = {".xml": "cim", ".dss": "dss", ".json": "pandapower"}[Path(name).suffix]
        yield Seed(
            group=kind,
            name=name,
            files={name: data},
            hit=name,
            command=("grid", "{folder}/" + name, "--json"),
            damage=by(*ways),
        )
    for path in shared("coordinates", "swapped_gpkg"):
        if path.suffix == ".gpkg":
            yield Seed(
                group="layers",
                name=path.name,
                files={"grid.gpkg": path.read_bytes()},
                hit="grid.gpkg",
                command=("grid", "{folder}/grid.gpkg", "--json"),
                damage=by(m.layers),
            )


def road_seeds(files: Files) -> Iterator[Seed]:
    """Roads of a case from an extract of OSM and from a GeoPackage."""
    from tests.geo.test_road_extracts import PLACES, TOWN, osm  # noqa: PLC0415 - the tests' own small town

    rest = {name: data for name, data in files.items() if not name.startswith("roads_")}
    extract = osm(PLACES, TOWN).encode()
    yield Seed(
        group="roads",
        name="roads.osm",
        files={**rest, "roads.osm": extract},
        hit="roads.osm",
        command=("case", "check", "{folder}"),
        damage=by(m.text_bytes, m.words),
    )
    for path in shared("roads", "osmnx_undirected"):
        if path.suffix == ".gpkg":
            yield Seed(
                group="layers",
                name=f"roads/{path.name}",
                files={**rest, "roads.gpkg": path.read_bytes()},
                hit="roads.gpkg",
                command=("case", "check", "{folder}"),
                damage=by(m.layers),
            )


HISTORY = """\
interruption,off_at,on_at,customers,customer,operations,load_kw,planned,feeder,area,grade,cause
A,2025-07-01T14:05:00+08:00,2025-07-01T15:35:00+08:00,80,,1,1200,no,F1,urban,ordinary,tree
A,2025-07-01T14:05:00+08:00,2025-07-01T16:35:00+08:00,20,,1,200,no,F1,urban,ordinary,tree
B,2025-07-02 08:00,2025-07-02 09:00,40,,1,,yes,F2,rural,ordinary,
C,2025/8/1 7:30,2025/8/1 7:32,,C1,3,,,F2,,,
D,2025年9月2日 1:00,2025年9月2日 3:00,7,,1,,计划,F1,,,雷击
E,2025-10-01 08:00,,7,,1,,no,F1,,,
"""


def other_seeds() -> Iterator[Seed]:
    """Histories, problems, plans, rules, scenarios."""
    histories = {
        "history.csv": HISTORY.encode(),
        **{path.name: path.read_bytes() for path in shared("indices")},
    }
    for name, data in histories.items():
        for ending, write in (("csv", m.as_csv), ("xlsx", m.as_xlsx)):
            hit = f"{Path(name).stem}.{ending}"
            command = (
                "indices",
                "{folder}/" + hit,
                "--customers",
                "100",
                "--time-zone",
                "Asia/Shanghai",
                "--format",
                "json",
            )
            yield Seed(
                group="history",
                name=hit,
                files={"\0": data},
                hit=hit,
                command=command,
                damage=table_as(write),
            )
    problem, plan = problem_and_plan()
    for hit in ("p.json", "plan.json"):
        for command in ("check", "score"):
            yield Seed(
                group="problems",
                name=f"{command} {hit}",
                files={"p.json": problem, "plan.json": plan},
                hit=hit,
                command=(command, "{folder}/p.json", "{folder}/plan.json"),
                damage=by(m.tree, m.tree, m.tree, m.text_bytes),
            )
    for pack in sorted((ROOT / "rules" / "packs").glob("*.yaml")):
        if not pack.name.endswith(".cases.yaml"):
            yield Seed(
                group="rules",
                name=pack.name,
                files={pack.name: pack.read_bytes()},
                hit=pack.name,
                command=("rules", "lint", "{folder}/" + pack.name),
                damage=by(m.words, m.text_bytes),
            )
    yield Seed(
        group="rules",
        name="rules.xlsx",
        files={"rules.xlsx": rule_book()},
        hit="rules.xlsx",
        command=("rules", "import", "{folder}/rules.xlsx", "{out}/mine.yaml"),
        damage=by(m.archive),
    )


def scenario_seeds(files: Files) -> Iterator[Seed]:
    """Scenario files beside a case, and planned outages of it."""
    text = b"""name: storm
base: as is
case: .
start: 2026-07-14T06:00:00-04:00
hours: 24
damage:
  wind:
    track:
      - {h: 0, lon: -71.3, lat: -29.95}
      - {h: 6, lon: -71.2, lat: -29.85}
    max_ms: 40
    radius_km: 25
crews:
  - {name: line, count: 2, skills: [hv, lv, cable, switching, tree], turns: [[0, 20]]}
plan: {dispatcher: list}
"""
    yield Seed(
        group="scenarios",
        name="s.yaml",
        files={**files, "s.yaml": text},
        hit="s.yaml",
        command=("simulate", "{folder}/s.yaml", "--check"),
        damage=by(m.words, m.words, m.text_bytes),
    )
    planned = (
        b"id,start,end,open,close,reason\n"
        b"P-1,2026-07-24T09:00:00-04:00,2026-07-24T12:00:00-04:00,BR-2,,one\n"
        b"P-2,2026-07-24T11:00:00-04:00,2026-07-24T13:00:00-04:00,FU-1,,two\n"
    )
    for ending, write in (("csv", m.as_csv), ("xlsx", m.as_xlsx)):
        yield Seed(
            group="scenarios",
            name=f"planned.{ending}",
            files={**files, "\0": planned},
            hit=f"planned.{ending}",
            command=("planned", "{folder}", "{folder}/planned." + ending),
            damage=table_as(write),
        )


def problem_and_plan() -> tuple[bytes, bytes]:
    """A small problem and a plan of it."""
    from dispatch.files.plan_files import plan_to_dict  # noqa: PLC0415 - only these two kinds need it
    from dispatch.files.problem_files import problem_from_dict  # noqa: PLC0415
    from dispatch.judge.timing import plan_of  # noqa: PLC0415
    from tests.dispatch.files.test_files import SOUND  # noqa: PLC0415

    problem = problem_from_dict(SOUND)
    plan = plan_of(problem, {"K": ("A", "B")})
    return json.dumps(SOUND).encode(), json.dumps(plan_to_dict(plan)).encode()


def rule_book() -> bytes:
    """A pack as a workbook."""
    from dispatch.cli import main  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        main(["rules", "export", "cn", f"{folder}/rules.xlsx"])
        return (Path(folder) / "rules.xlsx").read_bytes()


def shared(*parts: str) -> list[Path]:
    """Files of the shared cases; none where there are none."""
    root = os.environ.get("GRIDCREW_SHARED", "")
    folder = Path(root, "cases", *parts)
    return sorted(path for path in folder.iterdir() if path.is_file()) if root and folder.is_dir() else []


SIGNS = b"at,kind,place\n2026-07-14T18:00:30-04:00,last_gasp,C09\n2026-07-14T18:01:30-04:00,tripped,FU-1\n"


def all_seeds() -> list[Seed]:
    """Every kind of input there is."""
    from tests.small_case import write_small_case  # noqa: PLC0415 - the tests' own case

    with tempfile.TemporaryDirectory() as folder:
        files = _folder_files(write_small_case(Path(folder)))
    files["signs.csv"] = SIGNS
    found = [
        *case_seeds("small", files),
        *mapping_seeds(files),
        *grid_seeds(),
        *road_seeds(files),
        *other_seeds(),
    ]
    found += scenario_seeds(files)
    rest = {name: data for name, data in files.items() if name != "customers.csv"}
    found.append(
        Seed(
            group="layers",
            name="customers.gpkg",
            files={**rest, "customers.gpkg": geopackage(files)},
            hit="customers.gpkg",
            command=("case", "check", "{folder}"),
            damage=by(m.layers),
        )
    )
    if base := shared("base"):
        town = _folder_files(base[0].parent)
        for theme in ("intake", "calendar-and-dates", "words", "signs", "coordinates"):
            root = Path(os.environ["GRIDCREW_SHARED"], "cases", theme)
            for over in sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else ():
                laid = {**town, **_folder_files(over)}
                found += [
                    each
                    for each in case_seeds(over.name, laid)
                    if each.counted and each.hit[:-4] + ".csv" in laid
                ]
    return found


# -- the process that reads -----------------------------------------------------------------


def worker() -> None:
    """Read jobs from the standard input, a line of JSON each; answer likewise."""
    warnings.simplefilter("ignore")
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    most = MEMORY_MB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    from dispatch.cli import main  # noqa: PLC0415 - in the process that reads alone

    for line in sys.stdin:
        job = json.loads(line)
        said, wrong = io.StringIO(), io.StringIO()
        facts: dict[str, Any] = {}
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
            try:
                status = (
                    _checked_case(job["argv"][2], facts) if job["counted"] == "case" else main(job["argv"])
                )
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 2
            except BaseException as error:  # whatever it is, it should never be
                status = 70
                print(f"worker: unexpected {type(error).__name__}: {error}", file=sys.stderr)
        if job["counted"] == "import" and status == 0:
            facts = _imported(Path(job["argv"][-1]))
        told = {
            "status": status,
            "out": said.getvalue()[-2000:],
            "err": wrong.getvalue()[-4000:],
            "facts": facts,
        }
        out.write(json.dumps(told, default=str) + "\n")
        out.flush()


def _checked_case(folder: str, facts: dict[str, Any]) -> int:
    """What `gridcrew case check` does, and what the case then holds."""
    from dispatch.ground.errors import InputFaults  # noqa: PLC0415
    from dispatch.intake import load_case  # noqa: PLC0415

    try:
        case = load_case(Path(folder))
    except InputFaults as faults:
        print(faults, file=sys.stderr)
        return 2
    held = {
        "customers": len(case.customers),
        "requests": len(case.requests),
        "depots": len(case.depots),
        "signs": len(case.signs),
        "crews": len(case.shifts),
        "roster": len(case.rules),
    }
    facts |= {"held": held, "files": [_plain(each) for each in case.brought], "odd": _odd(case)}
    return 0


def _plain(each: Any) -> dict[str, Any]:
    repairs = {repair.what: repair.count for repair in each.repairs}
    reasons = all(row.reasons and all(row.reasons) for row in each.aside)
    return {
        "file": each.file,
        "read": each.read,
        "used": each.used,
        "aside": len(each.aside),
        "repairs": repairs,
        "said": reasons,
    }


def _odd(case: Any) -> list[str]:
    """What no accepted case may hold."""
    import numpy as np  # noqa: PLC0415

    found = []
    places = np.asarray(case.customers.lonlat, dtype=float)
    if not np.isfinite(places).all() or (abs(places[:, 0]) > 180).any() or (abs(places[:, 1]) > 90).any():
        found.append("a customer off the globe")
    ids = [str(each) for each in case.customers.table.index]
    if len(set(ids)) != len(ids) or any(not each.strip() for each in ids):
        found.append("customers' ids are not unique")
    names = [each.id for each in case.requests]
    if len(set(names)) != len(names):
        found.append("requests' ids are not unique")
    if any(not 1900 <= each.received_at.year <= 2200 for each in case.requests):
        found.append("a request of an unlikely year")
    if any(each.shift_end <= each.shift_start for each in case.shifts):
        found.append("a shift that ends before it begins")
    numbers = case.customers.table.select_dtypes("number").to_numpy(dtype=float)
    if np.isinf(numbers).any():
        found.append("an endless number")
    return found


def _imported(folder: Path) -> dict[str, Any]:
    import csv  # noqa: PLC0415

    report = json.loads((folder / "imported.json").read_text(encoding="utf-8"))
    files = [
        {
            "file": each["file"],
            "read": each["read"],
            "used": each["used"],
            "aside": len(each["set_aside"]),
            "repairs": {one["what"]: one["count"] for one in each["repaired"]},
            "said": all(row["reasons"] for row in each["set_aside"]),
        }
        for each in report["files"]
    ]
    with (folder / "customers.csv").open(encoding="utf-8", newline="") as file:
        held = sum(1 for _ in csv.reader(file)) - 1
    aside = list(folder.glob("用户-set-aside.csv"))
    left = 0
    if aside:
        with aside[0].open(encoding="utf-8-sig", newline="") as file:
            left = sum(1 for _ in csv.reader(file)) - 1
    return {"held": {"用户": held}, "files": files, "odd": [], "left": left}


# -- the process that asks --------------------------------------------------------------------


@dataclass(slots=True)
class Reader:
    """A process that reads, started anew when one hangs or dies."""

    process: subprocess.Popen[bytes] | None = None

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """What came of a job; `hang` or `died` where nothing did."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).resolve()), "--worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(job).encode() + b"\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT_S)
        line = self.process.stdout.readline() if ready else b""
        if line:
            told: dict[str, Any] = json.loads(line)
            return told
        self.process.kill()
        self.process.wait()
        self.process = None
        return {"status": "hang" if not ready else "died", "out": "", "err": "", "facts": {}}

    def end(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def as_command(job: Mapping[str, Any]) -> dict[str, Any]:
    """The same as a command of its own."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "dispatch.cli", *job["argv"]],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=2 * LIMIT_S,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"status": "hang", "out": "", "err": "", "facts": {}}
    return {"status": done.returncode, "out": done.stdout[-2000:], "err": done.stderr[-4000:], "facts": {}}


def judged(seed: Seed, told: Mapping[str, Any], rows: int | None) -> str:
    """What came of an input: `read`, `refused`, or, in capitals, what should never be."""
    status, text = told["status"], told["out"] + told["err"]
    if status in ("hang", "died"):
        return str(status).upper()
    if status not in FINE or any(each in text for each in NEVER):
        return f"UNEXPECTED {_last(told['err'])}"
    if status:
        return "refused" if text.strip() else "NO SENTENCE"
    return _counted(seed, told["facts"], rows) if told["facts"] else "read"


def _last(text: str) -> str:
    lines = (
        [line for line in text.strip().splitlines() if ": unexpected" in line]
        or text.strip().splitlines()
        or [""]
    )
    return lines[-1][:200]


def _counted(seed: Seed, facts: Mapping[str, Any], rows: int | None) -> str:  # noqa: PLR0911 - an answer each
    """Whether every row is accounted for, by a count of our own."""
    stem = seed.hit.split(".")[0]
    if facts["odd"]:
        return f"ACCEPTED {'; '.join(facts['odd'])}"
    found = next((each for each in facts["files"] if each["file"].split(".")[0] == stem), None)
    if found is None:
        return "NO REPORT"
    if not found["said"]:
        return "SET ASIDE WITHOUT A REASON"
    left_out = sum(
        count for what, count in found["repairs"].items() if "left out" in what and "above" not in what
    )
    if rows is not None and found["read"] + left_out != rows:
        return f"LOST ROWS: {rows} in the table, {found['read']} read and {left_out} left out"
    if found["used"] + found["aside"] != found["read"]:
        return "COUNTS DO NOT ADD UP"
    held = facts["held"][stem]
    if held != found["used"] and stem not in ("crews", "roster"):
        return f"LOST ROWS: {found['used']} used by the report, {held} in the case"
    if "left" in facts and facts["left"] != found["aside"]:
        return f"LOST ROWS: {found['aside']} set aside by the report, {facts['left']} in their file"
    return "read"


def run(
    count: int,
    seed: int,
    *,
    first: int = 0,
    only: frozenset[str] = frozenset(),
    commands: int = 0,
    keep: Path | None = None,
    loud: bool = True,
) -> Outcomes:
    """Damage one file after another and count what came of it; an input is its number's and the seed's."""
    seeds = [each for each in all_seeds() if not only or each.group in only]
    groups: dict[str, list[Seed]] = defaultdict(list)
    for each in seeds:
        groups[each.group].append(each)
    found, reader = Outcomes(), Reader()
    names = sorted(groups)
    weights = [4 if name == "tables" else 1 for name in names]
    as_commands = set(random.Random(seed).sample(range(first, first + count), min(commands, count)))
    try:
        for at in range(first, first + count):
            luck = random.Random(f"{seed}/{at}")
            sound = luck.choice(groups[luck.choices(names, weights)[0]])
            _one(at, sound, luck, found, reader, at in as_commands, keep, loud=loud)
            if loud and (at + 1 - first) % 500 == 0:
                print(f"{at + 1 - first:>7,} of {count:,}, {len(found.wrong)} wrong", file=sys.stderr)
    finally:
        reader.end()
    return found


def _one(
    at: int,
    sound: Seed,
    luck: random.Random,
    found: Outcomes,
    reader: Reader,
    real: bool,
    keep: Path | None,
    *,
    loud: bool,
) -> None:
    with tempfile.TemporaryDirectory(prefix="gridcrew-mutated-") as folder:
        case, out = Path(folder) / "in", Path(folder) / "out"
        out.mkdir()
        original = sound.files.get("\0", sound.files.get(sound.hit, b""))
        data, rows, done = sound.damage(original, luck)
        if luck.random() < 0.005:
            data, rows, done = b"", None, ["empty file"]
        for name, content in {**sound.files, sound.hit: data}.items():
            if name != "\0":
                path = case / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        if luck.random() < 0.01:
            (case / luck.choice([name for name in sound.files if name != "\0"] or [sound.hit])).unlink(
                missing_ok=True
            )
            rows = None
            done.append("missing file")
        argv = [part.format(folder=case, out=out) for part in sound.command]
        job = {"argv": argv, "counted": "" if real else sound.counted}
        began = time.perf_counter()
        told = as_command(job) if real else reader.ask(job)
        what = judged(sound, told, rows)
        kind = f"{sound.group} (as a command)" if real else sound.group
        found.counts[kind][what.split(":")[0] if what[0].isupper() else what] += 1
        if rows is not None and told["facts"] and what == "read":
            found.rows, found.counted = found.rows + rows, found.counted + 1
        if what[0].isupper():
            line = f"input {at}, {sound.name}, {'+'.join(done)}, {time.perf_counter() - began:.1f} s: {what}"
            found.wrong.append(line)
            if loud:
                print(line, file=sys.stderr)
            if keep is not None:
                shutil.copytree(folder, keep / str(at), dirs_exist_ok=True)


def main() -> int:
    """Run and count; the exit status is 1 when something came out that never should."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first input; one of them: --count 1"
    )
    parser.add_argument("--only", default="", help="groups, such as tables,cim,roads")
    parser.add_argument("--commands", type=int, default=100, help="so many as commands of their own")
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that went wrong")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker()
        return 0
    only = frozenset(filter(None, args.only.split(",")))
    found = run(args.count, args.seed, first=args.first, only=only, commands=args.commands, keep=args.keep)
    total: Counter[str] = Counter()
    for group in sorted(found.counts):
        for what, times in found.counts[group].most_common():
            print(f"{times:>7,}  {group:<28} {what}")
        total.update(found.counts[group])
    counted = f"{total['read']:,} read, {total['refused']:,} refused, {len(found.wrong):,} wrong"
    print(f"{sum(total.values()):,} inputs: {counted}")
    print(f"{found.rows:,} rows of {found.counted:,} tables counted independently: each used or set aside")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
