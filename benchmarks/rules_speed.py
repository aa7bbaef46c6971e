"""How fast policies decide, beside CEL and rule-engine in the same run.

A table of 20 rows over four facts, the same rules for everybody:
``python benchmarks/rules_speed.py``. rule-engine is measured when installed.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import random
import time
from collections.abc import Callable
from typing import Any

import cel
import numpy as np

from rules import Policy, load_policy, policy_from_text
from rules.checks.lint import lint

AREAS = ("urban", "rural", "remote")
GRADES = ("special", "first", "second", "vip", "ordinary")
HEAD = "policy: speed\nsources: {s: {title: made up, mark: unverified}}\nstages:\n  order:\n"


def made_rows(count: int, seed: int) -> list[tuple[str, str, int, int]]:
    """Rows of area, grade, least customers out, and hour from which they hold."""
    draw = random.Random(seed)
    return [
        (draw.choice(AREAS), draw.choice(GRADES), draw.randrange(0, 900), draw.randrange(0, 20))
        for _ in range(count)
    ]


def table_text(rows: list[tuple[str, str, int, int]]) -> str:
    """The rows as a policy."""
    lines = [
        f"        - {{if: {{area: {area}, grade: {grade}, customers_out: {low}.., hour: {hour}..}}, "
        f"then: {{drop_cost: {at}}}}}"
        for at, (area, grade, low, hour) in enumerate(rows)
    ]
    table = "    - table: t\n      source: s\n      rows:\n" + "\n".join(lines)
    return HEAD + table + "\n      otherwise: {then: {drop_cost: 999}}\n"


def made_columns(count: int) -> dict[str, Any]:
    """Requests to decide, as columns."""
    draw = np.random.default_rng(1)
    return {
        "area": np.array(AREAS, dtype=object)[draw.integers(0, 3, count)],
        "grade": np.array(GRADES, dtype=object)[draw.integers(0, 5, count)],
        "customers_out": draw.integers(0, 1000, count),
        "hour": draw.integers(0, 24, count),
    }


def rate(decide: Callable[[], object], count: int) -> float:
    """Requests per second of CPU time, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        decide()
        best = min(best, time.process_time() - begun)
    return count / best


def measure(count: int) -> dict[str, float]:
    """Requests per second by way of deciding."""
    rows = made_rows(20, seed=1)
    policy = policy_from_text(table_text(rows))
    columns = made_columns(count)
    few = [{name: values[at] for name, values in columns.items()} for at in range(2000)]
    plain = [{k: v.item() if hasattr(v, "item") else v for k, v in facts.items()} for facts in few]
    check_kept(policy, columns, 200)
    found = {
        "table, vectorised": rate(lambda: policy.decide_many("order", columns)["drop_cost"], count),
        "table, vectorised, trace kept": rate(lambda: _kept(policy, columns), count),
        "table, one by one, trace kept": rate(lambda: [policy.decide("order", f) for f in plain], len(plain)),
        "table, trace opened": rate(lambda: _opened(policy, columns, 500), 500),
        "CEL": _cel_rate(rows, plain),
    }
    if importlib.util.find_spec("rule_engine"):
        found["rule-engine"] = _rule_engine_rate(rows, plain[:300])
    return found


def _kept(policy: Policy, columns: dict[str, Any]) -> list[object]:
    """Decide, and keep for every request what its trace is opened from."""
    decisions = policy.decide_many("order", columns)
    return [decisions.trace(at) for at in range(decisions.count)]


def check_kept(policy: Policy, columns: dict[str, Any], count: int) -> None:
    """Make sure that what is kept of many requests opens to the very trace of each decided alone."""
    first = {name: values[:count] for name, values in columns.items()}
    kept = policy.decide_many("order", first)
    for at in range(count):
        facts = {
            name: values[at].item() if hasattr(values[at], "item") else values[at]
            for name, values in first.items()
        }
        if kept.trace(at).to_dict() != policy.decide("order", facts).trace.to_dict():
            raise AssertionError(f"the kept trace of request {at} is another than its own")


def _opened(policy: Policy, columns: dict[str, Any], count: int) -> list[object]:
    decisions = policy.decide_many("order", {name: values[:count] for name, values in columns.items()})
    return [decisions.trace(at).to_dict() for at in range(count)]


def _expressions(rows: list[tuple[str, str, int, int]]) -> list[str]:
    return [
        f"area == '{area}' && grade == '{grade}' && customers_out >= {low} && hour >= {hour}"
        for area, grade, low, hour in rows
    ]


def _cel_rate(rows: list[tuple[str, str, int, int]], requests: list[dict[str, Any]]) -> float:
    programs = [cel.compile(text) for text in _expressions(rows)]

    def decide() -> list[int]:
        return [
            next((at for at, program in enumerate(programs) if program.execute(facts)), 999)
            for facts in requests
        ]

    return rate(decide, len(requests))


def _rule_engine_rate(rows: list[tuple[str, str, int, int]], requests: list[dict[str, Any]]) -> float:
    rule_engine = importlib.import_module("rule_engine")
    rules = [rule_engine.Rule(text.replace("&&", "and")) for text in _expressions(rows)]

    def decide() -> list[int]:
        return [next((at for at, rule in enumerate(rules) if rule.matches(facts)), 999) for facts in requests]

    return rate(decide, len(requests))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200_000)
    args = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, requests per second of CPU, 20 rows\n")
    found = measure(args.count)
    print("| way | requests/s | against CEL |\n|---|---|---|")
    for name, each in found.items():
        print(f"| {name} | {each:,.0f} | {each / found['CEL']:.1f} |")
    begun = time.process_time()
    policy = policy_from_text(table_text(made_rows(500, seed=2)))
    loaded = time.process_time()
    faults = lint(policy)
    took = f"load {loaded - begun:.2f} s, lint {time.process_time() - loaded:.2f} s"
    print(f"\n500 rows: {took}, {len(faults)} faults")
    begun = time.process_time()
    lint(load_policy("cn"))
    print(f"pack cn: load and lint {time.process_time() - begun:.2f} s")


if __name__ == "__main__":
    main()
