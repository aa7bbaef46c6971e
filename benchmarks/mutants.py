"""Do the tests notice? Small faults go into the sources one at a time; the tests that pass there are run.

    python -m pytest -q -m 'not browser and not acceptance' --durations=0 --durations-min=0.005 \\
        --cov=dispatch --cov=rules --cov=geo --cov-context=test --cov-report= \\
        tests/dispatch tests/geo tests/rules > tests.log
    python benchmarks/mutants.py --coverage .coverage --durations tests.log --count 200 --seed 1

The first command finds which test reaches which line. The second draws lines at random, changes each in one
of the ways of `other_forms` (a comparison, a sign, a bound, a condition turned round, a statement taken
out), and runs the quickest tests that reach it, in a child that has read other people's packages already.
The sources are put back after each; work in a copy of the tree all the same. `--only` names folders or
files, `--since` the commit that the coverage is of: lines that moved since are found again. What survives
is printed: a test is missing, or the change makes no difference.

Compiled kernels are left out: each change would compile for minutes. Their results are held by the judge and
by `benchmarks/mixed.py`.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import importlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from coverage.numbits import numbits_to_nums

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("dispatch/solver", "dispatch/judge", "dispatch/ground", "dispatch/outages", "dispatch/planning")
PLACES += ("dispatch/live", "dispatch/store", "geo/grid", "rules")
# What takes long to read and is not ours: read once, before a child is made for each change.
PRELOADED = (
    *("numba", "pandas", "scipy.sparse.csgraph", "networkx", "shapely", "sqlalchemy", "alembic.command"),
    *("flask", "pydantic", "openpyxl", "hypothesis", "ortools.sat.python.cp_model", "_pytest.assertion"),
)
COMPARE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A piece of a source, in bytes from its beginning, and what stands there instead."""

    file: str
    line: int
    begin: int
    end: int
    instead: str


def other_forms(node: ast.AST) -> Iterator[ast.AST]:
    """What a careless hand could have written instead of an expression or a statement."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARE:
            yield ast.Compare(left, [COMPARE[type(op)]()], [right])
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield ast.BinOp(left, ast.Add(), right)
            yield left
        case ast.BinOp(left=left, op=ast.Mult()):
            yield left
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.Subscript(value=value, slice=ast.Constant(value=0)):
            yield ast.Subscript(value, ast.UnaryOp(ast.USub(), ast.Constant(1)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in SWAPPED:
            yield ast.Call(ast.Name(SWAPPED[name]), args, keywords)
        case ast.Continue():
            yield ast.Break()
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield ast.Pass()


def changes(file: str, text: str) -> Iterator[Change]:
    """Every change of one source."""
    starts = [0]
    for line in text.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for statement in function.body:
            for node in ast.walk(statement):
                for other in other_forms(node):
                    begin = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
                    end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
                    written = ast.unparse(ast.fix_missing_locations(other))
                    instead = f"({written})" if isinstance(node, ast.expr) else written
                    yield Change(file=file, line=node.lineno, begin=begin, end=end, instead=instead)  # type: ignore[attr-defined]


def reached(coverage: Path) -> dict[str, dict[int, set[str]]]:
    """Tests by file and line, out of the database of coverage.py."""
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    with sqlite3.connect(coverage) as database:
        rows = database.execute(
            "select path, context, numbits from line_bits join file on file.id = file_id"
            " join context on context.id = context_id where context != ''"
        )
        for path, context, bits in rows:
            name = re.sub(r"^.*?/(?=(?:dispatch|rules|geo|web)/)", "", path)
            for line in numbits_to_nums(bits):
                found[name][line].add(context.split("|")[0])
    return found


def moved(file: str, commit: str) -> dict[int, int]:
    """Where each line that a source had at a commit, and still has, stands now."""
    shown = subprocess.run(["git", "show", f"{commit}:{file}"], cwd=ROOT, capture_output=True, check=False)
    now = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pairs = difflib.SequenceMatcher(None, shown.stdout.decode().splitlines(), now, autojunk=False)
    return {
        block.a + at + 1: block.b + at + 1
        for block in pairs.get_matching_blocks()
        for at in range(block.size)
    }


def lengths(log: Path) -> dict[str, float]:
    """Seconds of each test, preparation included, out of the log of `--durations=0`."""
    found: dict[str, float] = defaultdict(float)
    for seconds, test in re.findall(r"^\s*([\d.]+)s (?:setup|call)\s+(\S.*)$", log.read_text(), re.MULTILINE):
        found[test.strip()] += float(seconds)
    return found


def chosen(tests: set[str], seconds: Mapping[str, float], most: int, limit_s: float) -> list[str]:
    """The quickest tests, as many as fit into the limit."""
    kept: list[str] = []
    total = 0.0
    for test in sorted(tests, key=lambda name: (seconds.get(name, 0.0), name))[:most]:
        total += seconds.get(test, 0.0)
        if kept and total > limit_s:
            break
        kept.append(test)
    return kept


def survives(change: Change, tests: list[str], limit_s: float) -> bool:
    """Whether all tests pass although the change is there."""
    path = ROOT / change.file
    source = path.read_bytes()
    path.write_bytes(source[: change.begin] + change.instead.encode() + source[change.end :])
    try:
        child = os.fork()
        if child == 0:
            _run(tests, limit_s)
        return _status(child, 4 * limit_s + 60) == 0
    finally:
        path.write_bytes(source)


def _run(tests: list[str], limit_s: float) -> NoReturn:
    """In a child that has read what other people wrote already, but nothing of ours: run tests, and end."""
    status = 1
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        sys.dont_write_bytecode = True
        words = ["-x", "-q", "-p", "no:cacheprovider", f"--timeout={limit_s:.0f}", *tests]
        status = int(pytest.main(words))
    finally:
        os._exit(status)


def _status(child: int, limit_s: float) -> int:
    """The exit status of a child; one that hangs is ended with all that it has started, and has failed."""
    ends = time.monotonic() + limit_s
    while time.monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 1


def drawn(
    coverage: Path, count: int, seed: int, places: Sequence[str] = PLACES, since: str = ""
) -> tuple[list[tuple[Change, set[str]]], int, int]:
    """Changes at lines that a test reaches; how many there are, and how many no test reaches."""
    lines = reached(coverage)
    by_file: dict[str, list[tuple[Change, set[str]]]] = {}
    unreached = 0
    for place in places:
        whole = ROOT / place
        for path in [whole] if whole.suffix == ".py" else sorted(whole.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(ROOT).as_posix()
            if "numba" in text or "migrations" in name:
                continue
            seen = lines.get(name, {})
            if since and seen:
                seen = {now: seen[was] for was, now in moved(name, since).items() if was in seen}
            for change in changes(name, text):
                if tests := seen.get(change.line):
                    by_file.setdefault(name, []).append((change, tests))
                else:
                    unreached += 1
    found = [each for name in sorted(by_file) for each in by_file[name]]
    return random.Random(seed).sample(found, min(count, len(found))), len(found), unreached


def described(change: Change) -> str:
    """The change as a line for people."""
    source = (ROOT / change.file).read_bytes()
    was = " ".join(source[change.begin : change.end].decode().split())
    return f"{change.file}:{change.line}: {was[:90]}  ->  {change.instead[:90]}"


def main(argv: list[str] | None = None) -> int:
    """Draw, change, run, count."""
    reader = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    reader.add_argument("--coverage", type=Path, default=ROOT / ".coverage")
    reader.add_argument("--durations", type=Path, required=True)
    reader.add_argument("--count", type=int, default=200)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--tests", type=int, default=40, help="most tests for one change")
    reader.add_argument("--seconds", type=float, default=40, help="most seconds of tests for one change")
    reader.add_argument("--only", nargs="*", default=PLACES, help="folders or files")
    reader.add_argument("--since", default="", help="the commit that the coverage is of, if another")
    args = reader.parse_args(argv)
    for each in PRELOADED:
        importlib.import_module(each)
    seconds = lengths(args.durations)
    sample, known, unreached = drawn(args.coverage, args.count, args.seed, args.only, args.since)
    print(
        f"{known} changes at lines that tests reach, {unreached} at others; {len(sample)} drawn", flush=True
    )
    killed = 0
    for number, (change, tests) in enumerate(sample, 1):
        if survives(change, chosen(tests, seconds, args.tests, args.seconds), 60):
            print(f"survived {number}: {described(change)}", flush=True)
        else:
            killed += 1
        if number % 20 == 0:
            print(f"{number}: {killed} killed", flush=True)
    print(f"{killed} of {len(sample)} killed ({100 * killed / max(1, len(sample)):.1f} %)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
