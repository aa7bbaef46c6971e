"""A study's report as a folder of files."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

from .answers import level, values_of
from .made_of import MadeOf
from .report import Records, Report, page, plain
from .report_pdf import report_pdf
from .scenario import Study

log = logging.getLogger("gridcrew.simulate")


def write_report(
    out: Path, study: Study, records: Records, seed: int, language: str = "en", made: MadeOf | None = None
) -> list[str]:
    """Write `answers.json`, `report.html` and `report.pdf`, each whatever becomes of the others.

    Parameters
    ----------
    out : folder of the study.
    study, records, seed, language, made : as in `Report`.

    Returns
    -------
    list of str
        A sentence for each file that could not be written: what was computed is not lost to it.
    """
    out.mkdir(parents=True, exist_ok=True)
    report = Report(study=study, records=records, seed=seed, language=language, made=made)
    parts: dict[str, Callable[[], bytes]] = {
        "answers.json": lambda: json.dumps(_answers(report), indent=1).encode(),
        "report.html": lambda: page(report).encode(),
        "report.pdf": lambda: report_pdf(report),
    }
    return [said for name, made in parts.items() if (said := _written(out / name, made))]


def _written(path: Path, made: Callable[[], bytes]) -> str | None:
    try:
        path.write_bytes(made())
    except Exception as error:
        log.exception("%s", path.name)
        return (
            f"{path.name} could not be written ({error}); what was computed is kept in {path.parent / 'runs'}"
        )
    return None


def _answers(report: Report) -> dict[str, dict[str, dict[str, float | None]]]:
    return {
        name: {row.name: plain(level(values_of(found, row.name))) for row in report.rows}
        for name, found in report.records.items()
    }
