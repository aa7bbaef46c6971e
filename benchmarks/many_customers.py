"""Import a list of a million customers through a mapping, and measure time and memory.

    python benchmarks/many_customers.py [--count 1000000] [--bad 0.001]

The town is the demo city; its customers are laid around its transformers, written with headings in Chinese,
ids of ten digits, volts, full-width digits here and there, and a share of bad rows. `gridcrew case import`
runs as a command of its own; the load of the machine stands beside the figures. The rows are counted here.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
MAPPING = """\
settings: {{name: Million, time_zone: America/Santiago, now: '2026-07-14T18:30:00-04:00', policy: cn}}
grid: {town}/grid
roads: {town}
tables:
  customers:
    file: customers.csv
    columns: {{id: 户号, name: 户名, lon: 经度, lat: 纬度, transformer: 所属台区, industry: 行业类别,
      voltage_kv: 电压, phone: 联系电话, area: 城乡类别}}
    units: {{voltage_kv: 0.001}}
    values: {{industry: {{居民: residential, 商业: commercial, 医院: hospital}}}}
  depots: {{file: {town}/depots.csv, columns: {{id: id, name: name, lon: lon, lat: lat}}}}
  crews:
    file: {town}/crews.csv
    columns:
      {{id: id, name: name, depot: depot, shift_start: shift_start, shift_end: shift_end, skills: skills}}
"""
HEADER = "户号,户名,经度,纬度,所属台区,行业类别,电压,联系电话,城乡类别"


def write_customers(path: Path, town: Path, count: int, bad: float, seed: int) -> int:
    """Write the list; how many rows of it are bad."""
    sys.path.insert(0, str(ROOT))
    from geo import load_grid  # noqa: PLC0415 - the path is set only now

    luck = np.random.default_rng(seed)
    known = load_grid(town / "grid").transformers
    at = luck.integers(0, len(known.ids), count)
    lon = known.lon[at] + luck.normal(0, 0.0004, count)
    lat = known.lat[at] + luck.normal(0, 0.0004, count)
    wrong = luck.random(count) < bad
    words = np.array(["居民", "居民", "居民", "商业", "医院"])[luck.integers(0, 5, count)]
    ids = [f"{1_000_000_000 + number}" for number in range(count)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER + "\n")
        for number in range(count):
            transformer = "nowhere" if wrong[number] else known.ids[at[number]]
            phone = f"１３{number:09}" if number % 1000 == 0 else f"13{number:09}"
            place = f"{lon[number]:.6f},{lat[number]:.6f}"
            file.write(f"{ids[number]},户{number},{place},{transformer},{words[number]},220,{phone},城市\n")
    return int(wrong.sum())


def main() -> int:
    """Write, import, measure; the exit status is 1 where the report and the count differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--bad", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--town", type=Path, default=ROOT / "data" / "coquimbo")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        bad = write_customers(home / "customers.csv", args.town, args.count, args.bad, args.seed)
        (home / "mapping.yaml").write_text(MAPPING.format(town=args.town), encoding="utf-8")
        load, began = os.getloadavg()[0], time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "dispatch.cli", "case", "import", "mapping.yaml", "--out", "case"],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        print(done.stdout[-1500:], done.stderr[-1500:])
        size = (home / "customers.csv").stat().st_size / 2**20
        used_s, most_gib = used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
        print(
            f"{args.count:,} customers ({size:.0f} MiB): {wall:.1f} s, {used_s:.1f} s of processor, "
            f"{most_gib:.2f} GiB at most; load before {load:.1f}"
        )
        if done.returncode:
            return 1
        report = json.loads((home / "case" / "imported.json").read_text(encoding="utf-8"))
        (told,) = (each for each in report["files"] if each["file"] == "customers.csv")
        held = sum(1 for _ in (home / "case" / "customers.csv").open(encoding="utf-8")) - 1
        counts = (told["read"], told["used"], len(told["set_aside"]), held)
        print(
            f"read, used, set aside, in the case: {counts}; counted: {args.count - bad:,} good, {bad:,} bad"
        )
        return int(counts != (args.count, args.count - bad, bad, args.count - bad))


if __name__ == "__main__":
    sys.exit(main())
