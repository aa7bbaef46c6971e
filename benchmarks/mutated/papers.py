"""Histories, problems, plans, rules and scenarios as sound inputs."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import damage as m
from . import sheets
from .seed import ROOT, Files, Seed, by, shared, table_as

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
        for ending, write in (("csv", sheets.as_csv), ("xlsx", sheets.as_xlsx)):
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
    for ending, write in (("csv", sheets.as_csv), ("xlsx", sheets.as_xlsx)):
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
