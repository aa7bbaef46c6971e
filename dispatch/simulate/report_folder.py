"""A study's report as a folder of files."""

from __future__ import annotations

import json
from pathlib import Path

from .answers import estimate, values_of
from .report import Records, Report, case_hash, page, plain
from .report_pdf import report_pdf
from .scenario import Study


def write_report(out: Path, study: Study, records: Records, seed: int, language: str = "en") -> None:
    """Write `report.html`, `report.pdf` and `answers.json`."""
    out.mkdir(parents=True, exist_ok=True)
    content = case_hash(study.case_folder)
    report = Report(study=study, records=records, seed=seed, language=language, content=content)
    (out / "report.html").write_text(page(report), encoding="utf-8")
    (out / "report.pdf").write_bytes(report_pdf(report))
    answers = {
        name: {row.name: plain(estimate(values_of(found, row.name))) for row in report.rows}
        for name, found in records.items()
    }
    (out / "answers.json").write_text(json.dumps(answers, indent=1), encoding="utf-8")
