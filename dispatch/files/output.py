"""What a plan leaves behind: plan, map, route sheets, ETRs and summary as files."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..ground.day import DayPlan
from ..ground.errors import Fault, InputFaults
from ..ground.plan import Plan
from ..ground.whole import written_whole
from ..sheets import sheet_html, sheet_pdfs
from ..triage.waiting import waiting
from .exports import crew_gpx, crew_ics, plan_geojson
from .plan_files import plan_to_dict
from .problem_files import problem_to_dict
from .spreadsheets import table_csv, write_rows


def day_files(day: DayPlan, lang: str) -> dict[str, bytes]:
    """Every file of a plan by its name in the output folder.

    Parameters
    ----------
    day : the planned day.
    lang : language of the texts, `en` or `zh`.

    Returns
    -------
    dict of str to bytes
        `plan.json` and `problem.json`, priced as the summary is; `problem-by-tiers.json`, which was
        solved, where a tier is minimised first; `plan.geojson`, `etrs.csv`, `waiting.csv`, `summary.json`,
        `summary.txt`, and `sheets/CREW` as `.html`, `.pdf`, `.gpx` and `.ics` for each crew
        with a visit.
    """
    files = {
        "plan.json": _json(plan_to_dict(_plainly_priced(day))),
        "problem.json": _json(problem_to_dict(day.plain)),
        "plan.geojson": _json(plan_geojson(day)),
        "etrs.csv": _etrs(day),
        "waiting.csv": table_csv(waiting(day)).encode(),
        "summary.json": _json(_summary(day)),
        "summary.txt": (summary_text(day) + "\n").encode(),
    }
    if _is_lifted(day):
        files["problem-by-tiers.json"] = _json(problem_to_dict(day.problem))
    crews = [r.crew for r in day.plan.routes if r.visits and r.crew in day.case.crew_by_id]
    for crew in crews:
        files[f"sheets/{crew}.html"] = sheet_html(day, crew, lang=lang).encode()
        files[f"sheets/{crew}.gpx"] = crew_gpx(day, crew)
        files[f"sheets/{crew}.ics"] = crew_ics(day, crew)
    pdfs = sheet_pdfs(day, dict.fromkeys(crews), lang=lang)
    return files | {f"sheets/{crew}.pdf": pdf for crew, pdf in pdfs.items()}


def _is_lifted(day: DayPlan) -> bool:
    """Whether costs were lifted, so that danger comes before all else."""
    return max(day.tier_factors.values(), default=1.0) > 1.0


def _plainly_priced(day: DayPlan) -> Plan:
    """The plan with the cost that people are told: one plan has one cost."""
    if not _is_lifted(day):
        return day.plan
    status = "feasible" if day.plan.status == "optimal" else day.plan.status
    summary = day.summary
    return replace(day.plan, cost=summary.cost, parts=summary.parts, bound=None, status=status)


def check_folder(folder: Path) -> None:
    """Refuse an output folder that cannot be written, before any work is done.

    Parameters
    ----------
    folder : where files will be written; need not exist.

    Raises
    ------
    InputFaults
        The folder is a file, or may not be written.
    """
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise InputFaults(
            [Fault(file=str(folder), place="", text="is a file; expected a folder to write into")]
        )
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        text = f"cannot be written: {error.strerror}"
        raise InputFaults([Fault(file=str(folder), place="", text=text)]) from error


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files, each whole or not at all.

    Parameters
    ----------
    folder : made where it does not exist.
    files : content by path inside the folder.
    """
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(target) as out:
            out.write(content)


def summary_text(day: DayPlan) -> str:
    """The day in a few lines for people.

    Parameters
    ----------
    day : the planned day.

    Returns
    -------
    str
        Some ten lines, without a line end.
    """
    s = day.summary
    plan = day.plan
    promised = s.promises_kept + s.promises_missed
    rows = [
        ("case", day.case.settings.name),
        ("plan for", day.origin.isoformat()),
        ("outages", f"{len(day.outages)}, {s.customers_out:,} of {s.customers:,} customers out"),
        ("customer-minutes", f"{s.customer_minutes:,.0f} ({s.weighted_customer_minutes:,.0f} weighted)"),
        ("restored first", f"{s.minutes_ahead_of_repair:,.0f} customer-minutes ahead of the repair"),
        ("SAIDI of the day", f"{s.saidi_min:.2f} min"),
        ("SAIFI of the day", f"{s.saifi:.4f}"),
        ("promises kept", f"{s.promises_kept:,} of {promised:,}"),
        ("jobs planned", f"{s.jobs_planned:,}; {s.jobs_left_out:,} left out"),
        ("driving", f"{s.drive_min / 60:,.1f} h; overtime {s.overtime_min / 60:,.1f} h"),
        ("plan", f"{plan.status}, cost {s.cost:,.0f}{_gap(day)}"),
    ]
    lines = [f"{name:<20}{value}" for name, value in rows]
    if day.case.settings.synthetic:
        lines += ["", day.case.settings.synthetic.strip()]
    return "\n".join(lines)


def _gap(day: DayPlan) -> str:
    # With tiers the bound is on the lifted cost, which says little about what lies below the first.
    bound = day.summary.bound
    if bound is None or bound <= 0:
        return ""
    return f", at most {100 * (day.summary.cost / bound - 1):.1f} % above the best possible"


def _summary(day: DayPlan) -> dict[str, Any]:
    return {
        "case": day.case.settings.name,
        "now": day.origin.isoformat(),
        "policy": {"name": day.case.policy.name, "version": day.case.policy.version},
        "synthetic": day.case.settings.synthetic,
        "attribution": list(day.case.settings.attribution),
        "tier_factors": {str(tier): factor for tier, factor in day.tier_factors.items()},
        "warnings": list(day.warnings),
        **asdict(day.summary),
    }


def _etrs(day: DayPlan) -> bytes:
    out = io.StringIO()
    rows = [["outage", "customers_out", "since", "status", "etr_median", "etr_p90"]]
    for etr in day.etrs:
        outage = day.outage_by_id[etr.outage]
        times = [each.isoformat() if each else "" for each in (etr.median, etr.p90)]
        rows.append([etr.outage, str(outage.customers_out), outage.since.isoformat(), etr.status, *times])
    write_rows(out, rows)
    return out.getvalue().encode()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
