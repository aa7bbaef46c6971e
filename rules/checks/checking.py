"""Check a policy that somebody sent, in a process of its own with little time and memory.

Whatever a file does to the readers (a parser that runs away, a workbook that
swells), it does there: `check` ends that process and says so.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import PolicyError, PolicyFault
from ..loading import WORKBOOKS, load_policy
from .cases import load_cases, run_cases
from .lint import lint

MOST_BYTES = 2_000_000
MOST_CPU_S = 30
MOST_MEMORY_BYTES = 3_000_000_000
# A policy in force is loaded again at every start: one that takes longer than this is no policy to run.
MOST_LOAD_S = 6.0
ENDINGS = (".yaml", ".yml", *WORKBOOKS)
MOST_FAILURES = 50
HOME = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is known of a sent policy.

    Parameters
    ----------
    name, version, text : of the policy, when it loads; `text` is its YAML, of a workbook too.
    faults : of loading and lint, in the order of the file.
    cases : how many cases were tried. failures : those that fail, each with its trace as text.
    inventory : how many tables and rows.
    """

    name: str = ""
    version: str = ""
    text: str = ""
    faults: tuple[PolicyFault, ...] = ()
    cases: int = 0
    failures: tuple[str, ...] = ()
    inventory: tuple[int, int] = (0, 0)

    @property
    def fit(self) -> bool:
        """Whether it loads, lint finds no error, and every case holds."""
        wrong = any(fault.level == "error" for fault in self.faults)
        return bool(self.version) and not wrong and not self.failures


def check(file: str, content: bytes, cases: str, today: date, language: str = "en") -> Checked:
    """Load, lint and try a policy without letting it run away.

    Parameters
    ----------
    file : its name; the ending says whether it is YAML or a workbook.
    cases : text of a file of cases, empty for none.
    language : en or zh, of the traces of cases that fail.
    """
    ending = Path(file).suffix.lower()
    if ending not in ENDINGS:
        text = f"ends in '{ending}'; expected .yaml or .xlsx"
        return _refused(file, text, f"扩展名为“{ending}”，应为.yaml或.xlsx")
    if len(content) > MOST_BYTES:
        text = f"is {len(content):,} bytes; at most {MOST_BYTES:,} are taken"
        return _refused(file, text, f"文件大小为{len(content):,}字节，最多接受{MOST_BYTES:,}字节")
    with tempfile.TemporaryDirectory(prefix="gridcrew-policy-") as folder:
        (Path(folder) / f"sent{ending}").write_bytes(content)
        (Path(folder) / "sent.cases.yaml").write_text(cases, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "rules.checks.checking",
            folder,
            f"sent{ending}",
            today.isoformat(),
            language,
        ]
        try:
            ran = subprocess.run(command, cwd=HOME, capture_output=True, timeout=3 * MOST_CPU_S, check=False)
        except subprocess.TimeoutExpired:
            seconds = 3 * MOST_CPU_S
            return _refused(file, f"takes longer than {seconds} s to check", f"检查用时超过{seconds}秒")
    if ran.returncode != 0:
        text = f"takes more than {MOST_CPU_S} s or too much memory to check"
        return _refused(file, text, f"检查用时超过{MOST_CPU_S}秒，或占用内存过多")
    return _read(json.loads(ran.stdout), Path(file).name)


def _refused(file: str, text: str, zh: str) -> Checked:
    return Checked(faults=(PolicyFault(file=Path(file).name, place="", text=text, zh=zh),))


def _read(data: dict[str, Any], file: str) -> Checked:
    faults = tuple(
        PolicyFault(**{**fault, "file": file if fault["file"].startswith("sent.") else fault["file"]})
        for fault in data.pop("faults")
    )
    tables, rows = data.pop("inventory")
    return Checked(faults=faults, failures=tuple(data.pop("failures")), inventory=(tables, rows), **data)


def main(arguments: Sequence[str]) -> None:
    """Check the files of a folder and print the findings as JSON."""
    _limit()
    folder, name, today, language = Path(arguments[0]), arguments[1], arguments[2], arguments[3]
    json.dump(_findings(folder, name, date.fromisoformat(today), language), sys.stdout)


def _findings(folder: Path, name: str, today: date, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {"faults": [], "failures": [], "inventory": (0, 0)}
    begun = time.process_time()
    try:
        policy = load_policy(folder / name)
        took = time.process_time() - begun
        faults = [*lint(policy, today)]
        if took > MOST_LOAD_S:
            text = f"takes {took:.0f} s to load; at most {MOST_LOAD_S:g} are allowed"
            zh = f"加载用时{took:.0f}秒，最多允许{MOST_LOAD_S:g}秒"
            faults.append(PolicyFault(file=policy.file, place="", text=text, zh=zh))
        tables = list(policy.every_table())
        found |= {"name": policy.name, "version": policy.version, "text": policy.text}
        found["inventory"] = (len(tables), sum(1 for table in tables for _ in table.every_row()))
        found["faults"] = [_plain(fault) for fault in faults]
        if policy.cases:
            cases = load_cases(folder / "sent.cases.yaml", policy)
            failures = run_cases(policy, cases)
            found["cases"] = len(cases)
            found["failures"] = [failure.show(language) for failure in failures[:MOST_FAILURES]]
    except PolicyError as error:
        found["faults"] += [_plain(fault) for fault in error.faults]
    return found


def _plain(fault: PolicyFault) -> dict[str, str]:
    return {
        "file": fault.file,
        "place": fault.place,
        "text": fault.text,
        "zh": fault.zh,
        "level": fault.level,
    }


def _limit() -> None:
    """Let the system end this process when it takes too much; Windows knows no such limits."""
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))


if __name__ == "__main__":
    main(sys.argv[1:])
