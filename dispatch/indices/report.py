"""A study as text, CSV and JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from ..files.spreadsheets import write_rows
from .measures import Indices
from .names import FAMILIES, NAMES
from .study import LEAST_DAYS, Study

Row = tuple[str, str, float, str, str, str]
HEAD = ("IEEE 1366", "meaning", "value", "unit", "DL/T 836", "value and unit")
GROUP_FIELDS = ("saifi", "saidi_min", "caidi_min", "maifi", "customer_interruptions", "customer_minutes")


def rows_of(indices: Indices) -> Iterator[Row]:
    """Every index that could be computed: name, meaning, figure, unit, DL/T 836 name and figure."""
    for name in NAMES:
        value = getattr(indices, name.field)
        if value is None:
            continue
        other = ("", "")
        if name.dlt836 is not None:
            title, unit, factor = name.dlt836
            other = (title, f"{value * factor:.4f} {unit}")
        yield name.ieee, name.meaning, round(value * name.scale, name.digits), name.unit, *other
    for field, title, meaning in FAMILIES:
        for key, share in getattr(indices, field).items():
            label = f"{key:g}"
            yield title.format(label), meaning.format(label), round(100 * share, 3), "% of customers", "", ""


def _since_2016(title: str) -> str:
    """What DL/T 836.1-2016 calls an index, where that is another name."""
    now = next((name.dlt836_2016 for name in NAMES if name.dlt836 and name.dlt836[0] == title), "")
    return f" (DL/T 836.1-2016: {now})" if now else ""


def as_text(study: Study) -> str:
    """The study for people to read."""
    whole = study.whole
    lines = [
        f"{study.first} to {study.last}, {whole.customers:,} customers served, "
        f"{whole.interruptions:,} sustained interruptions",
        "",
    ]
    rows = list(rows_of(whole))
    lines += _yearly_text(study)
    lines += [f"{name:<13}{value:>16,} {unit:<38}{meaning}" for name, meaning, value, unit, _, _ in rows]
    lines += ["", "The same in the words of DL/T 836 (names not verified against the standard):"]
    lines += [f"  {title}: {figure}{_since_2016(title)}" for *_, title, figure in rows if title]
    if not whole.cemi:
        lines += ["", "No CEMI, CELID, CAIFI, CTAIDI: these need a `customer` in every row."]
    if whole.ens_kwh is None:
        lines += ["", "No ENS: it needs a `load_kw` in every sustained row."]
    lines += ["", *_major_text(study)]
    for group, members in study.groups.items():
        if group == "day":
            continue
        base = "" if group in study.own_base or group == "month" else " (share of the whole system's)"
        lines += ["", f"By {group}{base}:", "  " + " ".join(f"{each.upper():>12}" for each in _short())]
        for name, found in members.items():
            figures = " ".join(f"{_figure(found, field):>12}" for field in GROUP_FIELDS)
            lines.append(f"  {figures}  {name}")
    return "\n".join(lines) + "\n"


PER_YEAR = ("saifi", "saidi_min", "maifi", "maifi_e", "customer_interruptions", "customer_minutes")


def per_year(study: Study) -> dict[str, float]:
    """The sums of a period longer than a year as those of one year; nothing for others."""
    years = study.years
    return {} if years is None else {name: getattr(study.whole, name) / years for name in PER_YEAR}


def _yearly_text(study: Study) -> list[str]:
    yearly = per_year(study)
    if not yearly:
        return []
    return [
        f"The period has {study.days} days, more than a year; its figures are those of the whole period. "
        f"Of a year: SAIFI {yearly['saifi']:.3f}, SAIDI {yearly['saidi_min']:.2f} min, "
        f"MAIFI {yearly['maifi']:.3f}",
        "",
    ]


def _short() -> list[str]:
    by_field = {name.field: name.ieee for name in NAMES}
    return [by_field[field] for field in GROUP_FIELDS]


def _figure(indices: Indices, field: str) -> str:
    value = getattr(indices, field)
    return "-" if value is None else f"{value:,.3f}" if abs(value) < 1000 else f"{value:,.0f}"


def _major_text(study: Study) -> list[str]:
    limit = study.limit
    if limit is None:
        return [
            f"No threshold for major event days: {study.days_known} days with an interruption; "
            f"at least {LEAST_DAYS} show how they spread. Give the years before with --history."
        ]
    lines = [
        f"Major event days: SAIDI of the day above {limit.saidi_min:.3f} min "
        f"(alpha {limit.alpha:.3f}, beta {limit.beta:.3f}, {limit.days} days in {limit.years} years)"
    ]
    if limit.years < 5:
        lines.append(f"The method asks for the five years before; there are {limit.years}.")
    lines += [f"  {day}  {saidi:.3f} min" for day, saidi in study.major_days.items()] or ["  none"]
    for title, found in (
        ("without major event days", study.usual),
        ("without planned interruptions", study.unplanned),
    ):
        caidi = "-" if found.caidi_min is None else f"{found.caidi_min:.2f}"
        lines.append(
            f"{title}: SAIFI {found.saifi:.3f}, SAIDI {found.saidi_min:.2f} min, CAIDI {caidi} min, "
            f"ASAI {100 * found.asai:.4f} %"
        )
    return lines


def as_csv(study: Study) -> str:
    """One row per group, name and index."""
    out = io.StringIO()
    lines: list[list[object]] = [["group", "name", *HEAD]]
    scopes = [("all", study.whole), ("without major event days", study.usual), ("unplanned", study.unplanned)]
    for scope, found in scopes:
        lines += [["", scope, *row] for row in rows_of(found)]
    for group, members in study.groups.items():
        for name, found in members.items():
            lines += [[group, name, *row] for row in rows_of(found)]
    write_rows(out, lines)
    return out.getvalue()


def as_json(study: Study) -> str:
    """The study as one object, figures unrounded."""
    limit = study.limit
    record = {
        "from": study.first.isoformat(),
        "to": study.last.isoformat(),
        "days": study.days,
        "all": _record(study.whole),
        "per_year": per_year(study) or None,
        "without_major_event_days": _record(study.usual),
        "unplanned": _record(study.unplanned),
        "major_event_days": {
            "threshold_saidi_min": limit.saidi_min if limit else None,
            "alpha": limit.alpha if limit else None,
            "beta": limit.beta if limit else None,
            "days_used": limit.days if limit else 0,
            "years_used": limit.years if limit else 0,
            "days": {day.isoformat(): saidi for day, saidi in study.major_days.items()},
        },
        "groups": {
            group: {name: _record(found) for name, found in members.items()}
            for group, members in study.groups.items()
        },
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def _record(indices: Indices) -> dict[str, Any]:
    record: dict[str, Any] = {"customers": indices.customers, "hours": indices.hours}
    record |= {name.field: getattr(indices, name.field) for name in NAMES}
    for field, _, _ in FAMILIES:
        record[field] = {f"{key:g}": share for key, share in getattr(indices, field).items()} or None
    return record
