"""Tables of runs as Markdown and CSV, and a plot as SVG."""

from __future__ import annotations

import csv
import io
import math
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import cast

from .peers import Outcome
from .runs import Run, median

PACKAGES = ("gridcrew", "ortools", "numba", "numpy", "scipy", "pyvrp", "pyvroom")
COLUMNS = (
    *("family", "name", "jobs", "crews", "limit_s", "seed", "cost", "best_known", "gap", "bound"),
    *("proven_gap", "status", "seconds", "violations", "rule", "below_rule", "early"),
)


def machine() -> list[str]:
    """What the figures were measured on: processor, memory, system, versions."""
    system = f"{platform.system()} {platform.machine()}"
    lines = [f"{_processor()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB; {system}"]
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return [*lines, ", ".join(found)]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (ValueError, OSError):
        return 0.0


def runs_csv(runs: Sequence[Run]) -> str:
    """Every run, a row each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for run in runs:
        writer.writerow([_cell(getattr(run, column)) for column in COLUMNS])
    return out.getvalue()


def runs_from_csv(text: str) -> list[Run]:
    """Runs as `runs_csv` wrote them, without the fall of their cost; what is no such row is passed over."""
    runs = []
    for row in csv.DictReader(io.StringIO(text)):
        try:
            runs.append(_run(row))
        except (KeyError, ValueError):
            continue
    return runs


def _run(row: Mapping[str, str]) -> Run:
    def number(column: str, otherwise: float | None = None) -> float | None:
        return float(row[column]) if row[column] else otherwise

    return Run(
        family=row["family"],
        name=row["name"],
        status=row["status"],
        jobs=int(row["jobs"]),
        crews=int(row["crews"]),
        seed=int(row["seed"]),
        violations=int(row["violations"]),
        limit_s=float(row["limit_s"]),
        cost=float(row["cost"]),
        seconds=float(row["seconds"]),
        best_known=number("best_known"),
        bound=number("bound"),
        rule=cast(float, number("rule", math.inf)),
        early=cast(float, number("early", math.inf)),
    )


def _cell(value: object) -> object:
    return "" if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def runs_table(runs: Sequence[Run]) -> list[str]:
    """A row for each family and limit: gaps over its problems and seeds."""
    lines = [
        "| family | problems x seeds | limit s | slowest s | gap to best known, mean % | median (min .. max) "
        "| proven gap % | proven optimal | below the rule % | the same at a tenth of the time % | broken |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]

    def key(run: Run) -> tuple[str, float]:
        return run.family, run.limit_s

    for (family, limit_s), group in groupby(sorted(runs, key=key), key=key):
        lines.append(_row(family, limit_s, list(group)))
    return lines


def _row(family: str, limit_s: float, runs: Sequence[Run]) -> str:
    gaps = [run.gap for run in runs if run.gap is not None]
    spread = f"{_percent(median(gaps))} ({_percent(min(gaps))} .. {_percent(max(gaps))})" if gaps else "-"
    early = [(run.rule - run.early) / run.rule for run in runs if math.isfinite(run.rule) and run.rule]
    cells = [
        family,
        f"{len({run.name for run in runs})} x {len({run.seed for run in runs})}",
        f"{limit_s:g}",
        f"{max(run.seconds for run in runs):.1f}",
        _percent(statistics.fmean(gaps) if gaps else None),
        spread,
        _percent(median(run.proven_gap for run in runs)),
        f"{sum(run.status == 'optimal' for run in runs)}/{len(runs)}",
        _percent(median(run.below_rule for run in runs)),
        _percent(median(early)),
        str(sum(run.violations > 0 for run in runs)),
    ]
    return f"| {' | '.join(cells)} |"


def problems_table(runs: Sequence[Run]) -> list[str]:
    """A row for each problem: best, median and worst cost over the seeds."""
    lines = [
        "| problem | limit s | cost, median | best known | gap, median (min .. max) % "
        "| bound | proven gap % | s |",
        "|---|---|---|---|---|---|---|---|",
    ]

    def key(run: Run) -> tuple[str, str, float]:
        return run.family, run.name, run.limit_s

    for (_, name, limit_s), group in groupby(sorted(runs, key=key), key=key):
        same = list(group)
        gaps = [run.gap for run in same if run.gap is not None]
        spread = f"{_percent(median(gaps))} ({_percent(min(gaps))} .. {_percent(max(gaps))})" if gaps else "-"
        cells = [
            name,
            f"{limit_s:g}",
            _number(median(run.cost for run in same)),
            _number(same[0].best_known),
            spread,
            _number(median(run.bound for run in same)),
            _percent(median(run.proven_gap for run in same)),
            f"{median(run.seconds for run in same) or 0:.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def peers_table(rows: Sequence[tuple[Run, Sequence[Outcome]]]) -> list[str]:
    """Costs of the peers as multiples of ours, with what each minimises."""
    if not rows:
        return []
    names = [f"{outcome.peer} ({outcome.minimises})" for outcome in rows[0][1]]
    lines = [
        f"| problem | s | gridcrew | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(names)}",
    ]
    for run, outcomes in rows:
        cells = [run.name, f"{run.limit_s:g}", _number(run.cost)]
        for outcome in outcomes:
            ratio = (
                "" if outcome.cost is None else f"{_number(outcome.cost)} (x {outcome.cost / run.cost:.3f})"
            )
            cells.append(ratio or outcome.note)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def parts_table(runs: Sequence[Run]) -> list[str]:
    """What the cost, the time and the proof become when one part of the solver is left out."""
    parts = sorted({run.without for run in runs} - {""})
    lines = [
        f"| problem | s | all parts | {' | '.join(f'without {part}' for part in parts)} |",
        f"|---|---|---|{'---|' * len(parts)}",
    ]

    def key(run: Run) -> tuple[str, float]:
        return run.name, run.limit_s

    for (name, limit_s), group in groupby(sorted(runs, key=key), key=key):
        by_part = {run.without: run for run in group}
        whole = by_part[""]
        cells = [name, f"{limit_s:g}", f"{_number(whole.cost)}{_proof(whole)}"]
        for part in parts:
            run = by_part.get(part)
            cells.append("-" if run is None else f"{100 * (run.cost / whole.cost - 1):+.2f} %{_proof(run)}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _proof(run: Run) -> str:
    return ", nothing proven" if run.proven_gap is None else f", proven within {_percent(run.proven_gap)} %"


def scaling_table(runs: Sequence[Run]) -> list[str]:
    """Cost against the rule, and time to come within 1 % of the end, as jobs grow."""
    lines = [
        "| family | jobs / crews | limit s | below the rule % | proven gap % | s to the last percent |",
        "|---|---|---|---|---|---|",
    ]
    for run in runs:
        cells = [
            run.family,
            f"{run.jobs} / {run.crews}",
            f"{run.limit_s:g}",
            _percent(run.below_rule),
            _percent(run.proven_gap),
            f"{nearly_done_s(run):.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def nearly_done_s(run: Run) -> float:
    """Seconds until the cost was within 1 % of the final one."""
    return next((at for at, cost in run.progress if cost <= run.cost * 1.01), run.seconds)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


WIDTH, HEIGHT, MARGIN = 640, 360, 56
COLOURS = ("#1b6ca8", "#c0562f", "#4c8c4a")
MARKS: tuple[Callable[[float, float], str], ...] = (
    lambda x, y: f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
    lambda x, y: f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>',
    lambda x, y: f'<path d="M{x:.1f} {y - 5:.1f} l5 9 h-10 z"/>',
)


def scaling_svg(runs: Sequence[Run], title: str, unit: str, value: Callable[[Run], float | None]) -> str:
    """A plot over the number of jobs (logarithmic), a line with its own mark for each family."""
    known = [(run.family, run.jobs, found) for run in runs if (found := value(run)) is not None]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{MARGIN}" y="24" font-size="14">{title}</text>',
    ]
    if known:
        parts += _plot(known, unit)
    return "\n".join([*parts, "</svg>\n"])


def _plot(known: Sequence[tuple[str, int, float]], unit: str) -> list[str]:
    sizes = sorted({jobs for _, jobs, _ in known})
    top = max(0.0, *(found for _, _, found in known)) or 1.0
    low = min(0.0, *(found for _, _, found in known))
    wide = math.log(sizes[-1] / sizes[0]) or 1.0

    def at(jobs: int, found: float) -> tuple[float, float]:
        x = MARGIN + (WIDTH - 2 * MARGIN) * math.log(jobs / sizes[0]) / wide
        return x, HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (found - low) / (top - low)

    parts = []
    for tick in range(5):
        value = low + (top - low) * tick / 4
        y = at(sizes[0], value)[1]
        parts.append(f'<path d="M{MARGIN} {y:.1f} H{WIDTH - MARGIN}" stroke="#ddd"/>')
        parts.append(f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for jobs in sizes:
        x = at(jobs, low)[0]
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle">{jobs}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 14}" text-anchor="middle">jobs</text>')
    parts.append(f'<text x="8" y="{MARGIN - 12}">{unit}</text>')
    for line, family in enumerate(sorted({family for family, _, _ in known})):
        points = [at(jobs, found) for name, jobs, found in sorted(known) if name == family]
        colour, mark = COLOURS[line % len(COLOURS)], MARKS[line % len(MARKS)]
        path = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<g fill="{colour}">{"".join(mark(x, y) for x, y in points)}</g>')
        y = 40 + 16 * line
        parts.append(f'<g fill="{colour}">{mark(WIDTH - 170, y - 4)}</g>')
        parts.append(f'<text x="{WIDTH - 158}" y="{y}">{family}</text>')
    return parts
