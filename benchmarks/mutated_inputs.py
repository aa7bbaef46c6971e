"""Run what a user runs on thousands of damaged files, and count what came of it.

    python benchmarks/mutated_inputs.py                          # 10,000 inputs, ten of a hundred kinds each
    python benchmarks/mutated_inputs.py --count 500 --only tables,cim --seed 7 --commands 50

Tables (CSV, Excel, GeoJSON, GeoPackage), settings, mappings, grids (CIM, pandapower, OpenDSS, tables),
roads (OSM, tables, GeoPackage), histories, problem files, plans, rules, scenarios: sound small ones,
damaged by `mutated/damage.py`. Files of `GRIDCREW_SHARED` (cases) join them where it is set. Each input
goes to the program's own `main` in a process that may take so much time and memory; `--commands` of them
run as commands of their own.

What should never be: an unexpected error, no sentence with a refusal, a hang, a death of the process, an
accepted case that holds what cannot be, and a row that is neither used nor repaired nor set aside. Rows are
counted here from the table that was damaged, not by what the program says.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.mutated import damage as m
from benchmarks.mutated.cases import case_seeds, geopackage, mapping_seeds
from benchmarks.mutated.judging import judged
from benchmarks.mutated.networks import grid_seeds, road_seeds
from benchmarks.mutated.papers import other_seeds, scenario_seeds
from benchmarks.mutated.reading import Reader, as_command
from benchmarks.mutated.seed import Seed, by, folder_files, shared

SIGNS = b"at,kind,place\n2026-07-14T18:00:30-04:00,last_gasp,C09\n2026-07-14T18:01:30-04:00,tripped,FU-1\n"


@dataclass(slots=True)
class Outcomes:
    """How often what came of which kind of input, and what should never have."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)
    rows: int = 0
    counted: int = 0


def all_seeds() -> list[Seed]:
    """Every kind of input there is."""
    from tests.small_case import write_small_case  # noqa: PLC0415 - the tests' own case

    with tempfile.TemporaryDirectory() as folder:
        files = folder_files(write_small_case(Path(folder)))
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
        town = folder_files(base[0].parent)
        for theme in ("intake", "calendar-and-dates", "words", "signs", "coordinates"):
            root = Path(os.environ["GRIDCREW_SHARED"], "cases", theme)
            for over in sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else ():
                laid = {**town, **folder_files(over)}
                found += [
                    each
                    for each in case_seeds(over.name, laid)
                    if each.counted and each.hit[:-4] + ".csv" in laid
                ]
    return found


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
    args = parser.parse_args()
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
