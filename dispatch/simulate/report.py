"""The report of a study: one HTML page, figures as SVG, every setting, seed and version in it."""

from __future__ import annotations

import html
import json
import math
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from .answers import Estimate, bands, difference, estimate, values_of
from .measures import GRID_MIN
from .plots import Band, band_plot
from .scenario import Study

Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]


class Row(NamedTuple):
    """A figure of the report: its name in the records, in words, its unit's digits."""

    name: str
    label: str
    digits: int


ROWS = (
    Row("customer_minutes", "customer-minutes", 0),
    Row("weighted_customer_minutes", "weighted customer-minutes", 0),
    Row("saidi_min", "SAIDI, min", 2),
    Row("saifi", "SAIFI", 3),
    Row("caidi_min", "CAIDI, min", 1),
    Row("h_to_50", "hours to 50 % restored", 2),
    Row("h_to_90", "hours to 90 % restored", 2),
    Row("h_to_99", "hours to 99 % restored", 2),
    Row("unserved_customers", "customers still out at the end", 1),
    Row("arrival_promises_kept", "promises of arrival kept", 1),
    Row("repair_promises_kept", "promises of restoration kept", 1),
    Row("late_promise_cost", "price of late promises", 0),
    Row("work_h", "crew hours on site", 1),
    Row("drive_h", "crew hours driving", 1),
    Row("drive_share", "share of driving", 3),
    Row("overtime_h", "overtime, h", 2),
    Row("replans", "re-plans", 0),
    Row("faults", "faults", 1),
)
STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; }
td, th { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ccc; }
td:first-child, th:first-child { text-align: left; } small { color: #555; }
pre { background: #f4f4f4; padding: 1rem; overflow-x: auto; }
@media print { body { margin: 0; } h2 { break-after: avoid; } table, svg { break-inside: avoid; } }
"""


def summary_text(study: Study, records: Records) -> str:
    """The main figures as a table for the terminal."""
    lines = []
    for name, found in records.items():
        minutes = estimate(values_of(found, "customer_minutes"))
        hours = estimate(values_of(found, "h_to_90"))
        lines.append(
            f"{name}: customer-minutes {_interval(minutes, 0)}, 90 % restored after {_interval(hours, 1)} h"
        )
    for name in list(records)[1:]:
        lines.append(
            f"{name} less {study.base}: {_difference(records, study.base, name, 'customer_minutes')}"
        )
    return "\n".join(lines)


def write_report(out: Path, study: Study, records: Records, seed: int, language: str = "en") -> None:
    """Write `report.html` and `answers.json`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.html").write_text(page(study, records, seed), encoding="utf-8")
    answers = {
        name: {row.name: _plain(estimate(values_of(found, row.name))) for row in ROWS}
        for name, found in records.items()
    }
    (out / "answers.json").write_text(json.dumps(answers, indent=1), encoding="utf-8")


def page(study: Study, records: Records, seed: int) -> str:
    """The report as HTML; nothing in it depends on when or where it was made."""
    base = study.alternatives[study.base]
    count = len(next(iter(records.values())))
    title = html.escape(base.name)
    curves = [Band(name=name, values=bands(found)) for name, found in records.items()]
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>{STYLE}</style></head><body><h1>{title}</h1>
<p>{count} replications of {len(records)} alternatives, the same made-up days for all of them (seed {seed}).
Intervals are 95 % confidence intervals of the mean. Faults, calls and repair times are made up.</p>
<h2>Customers without supply</h2>
<p><small>Line: half of the days have fewer out. Band: 10 to 90 % of the days.</small></p>
{band_plot(curves, GRID_MIN / 60, base.start)}
<h2>Figures</h2>{_table(records)}
<h2>Differences from “{html.escape(study.base)}”</h2>{_differences(study.base, records)}
<h2>To repeat this</h2><pre>{html.escape(_settings(study, seed, count))}</pre></body></html>
"""


def _table(records: Records) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in records)
    body = "".join(
        f"<tr><td>{row.label}</td>"
        + "".join(
            f"<td>{_interval(estimate(values_of(r, row.name)), row.digits)}</td>" for r in records.values()
        )
        + "</tr>"
        for row in ROWS
    )
    return f"<table><tr><th></th>{head}</tr>{body}</table>"


def _differences(base: str, records: Records) -> str:
    others = [name for name in records if name != base]
    if not others:
        return "<p>There is one alternative only.</p>"
    head = "".join(f"<th>{html.escape(name)}</th>" for name in others)
    body = "".join(
        f"<tr><td>{row.label}</td>"
        + "".join(f"<td>{_difference(records, base, name, row.name, row.digits)}</td>" for name in others)
        + "</tr>"
        for row in ROWS
    )
    return f"<table><tr><th></th>{head}</tr>{body}</table>"


def _difference(records: Records, base: str, name: str, figure: str, digits: int = 0) -> str:
    found = difference(records[base], records[name], figure)
    text = _interval(found.estimate, digits)
    if not math.isnan(found.share):
        text += f" ({found.share:+.1%})"
    if found.more:
        text += f"; undecided, about {found.more:,} more replications needed"
    return text


def _interval(found: Estimate, digits: int) -> str:
    if math.isnan(found.low):
        return f"{found.mean:,.{digits}f}"
    return f"{found.mean:,.{digits}f} ({found.low:,.{digits}f} to {found.high:,.{digits}f})"


def _settings(study: Study, seed: int, count: int) -> str:
    said = {
        "gridcrew": version("gridcrew"),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "numba")},
        "seed": seed,
        "replications": count,
        "alternatives": {name: each.model_dump(mode="json") for name, each in study.alternatives.items()},
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _plain(found: Estimate) -> dict[str, float | None]:
    return {
        name: None if math.isnan(value) else value
        for name, value in (("mean", found.mean), ("low", found.low), ("high", found.high))
    }
