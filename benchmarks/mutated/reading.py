"""The process that reads damaged inputs, and who asks it.

python -m benchmarks.mutated.reading        # jobs on the standard input, a line of JSON each
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import select
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .seed import ROOT

LIMIT_S = 30.0
MEMORY_MB = 6144


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


@dataclass(slots=True)
class Reader:
    """A process that reads, started anew when one hangs or dies."""

    process: subprocess.Popen[bytes] | None = None

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """What came of a job; `hang` or `died` where nothing did."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__],
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


if __name__ == "__main__":
    worker()
