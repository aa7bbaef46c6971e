"""`gridcrew rules`: lint, test, explain, diff, facts, new, export, import, mutate, fairness."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from .checks.boundaries import cases_text
from .checks.cases import cases_path, cases_paths, frozen_path, load_cases, run_cases
from .checks.comparing import Change, PlanEffect, classify, compare, counted, from_text, read_requests, typed
from .checks.lint import errors, lint
from .checks.mutate import mutate, share_caught
from .document import facts_document
from .errors import FactError, PolicyError, RulesError, nearest, nearest_zh
from .excel import read_workbook, write_workbook, yaml_in
from .fairness import fairness, fairness_text
from .loading import load_policy, pack_names, pack_path
from .merging import merged_text
from .policy import Policy
from .starting import new_policy
from .tables import Source
from .vocabulary import STAGES, VOCABULARY
from .yamlfile import read_text, read_yaml

OK, FAILED, BAD_INPUT = 0, 1, 2
MOST_SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands of `gridcrew rules`."""
    commands = parser.add_subparsers(dest="rules_command", required=True, metavar="COMMAND")
    checks = commands.add_parser("lint", help="check policies; exit status 1 when there are errors")
    _policies(checks)
    _language(checks)
    test = commands.add_parser("test", help="try the cases beside policies")
    _policies(test)
    _language(test)
    test.add_argument("--freeze", action="store_true", help="draw the frozen cases again from the policy")
    explain = commands.add_parser("explain", help="decide one request and show why")
    explain.add_argument("policy")
    explain.add_argument("facts", nargs="*", metavar="NAME=VALUE", help="facts, such as words='no power'")
    explain.add_argument(
        "--facts",
        dest="more",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="more facts",
    )
    explain.add_argument("--stage", choices=STAGES, help="one stage; without it all that the facts feed")
    explain.add_argument("--facts-file", type=Path, help="facts as a JSON object")
    _language(explain)
    explain.add_argument("--format", choices=("text", "json", "html"), default="text")
    diff = commands.add_parser("diff", help="which requests change class, weight or promise")
    diff.add_argument("old")
    diff.add_argument("new")
    diff.add_argument("--requests", type=Path, required=True, help="CSV or JSON, a column per fact")
    _language(diff)
    diff.add_argument("--format", choices=("text", "json"), default="text")
    diff.add_argument("--case", type=Path, help="a case folder: plan its day under both policies too")
    facts = commands.add_parser("facts", help="list the vocabulary")
    facts.add_argument("policy", nargs="?", help="with the facts of this policy too")
    _language(facts)
    facts.add_argument("--markdown", action="store_true", help="print docs/rules-facts.md")
    new = commands.add_parser("new", help="start a policy of one's own from a pack")
    new.add_argument("--from", dest="pack", default="cn", choices=pack_names())
    new.add_argument("file", type=Path)
    new.add_argument("--name", help="name of the policy; the file's name without it")
    export = commands.add_parser("export", help="write a policy as an Excel workbook")
    export.add_argument("policy")
    export.add_argument("workbook", type=Path)
    read = commands.add_parser("import", help="bring a workbook back into YAML, comments kept")
    read.add_argument("workbook", type=Path)
    read.add_argument("policy", type=Path)
    edits = commands.add_parser("mutate", help="make random edits and see whether lint or cases catch them")
    edits.add_argument("policy")
    edits.add_argument("--count", type=int, default=100)
    edits.add_argument("--seed", type=int, default=1)
    shares = commands.add_parser("fairness", help="waiting and customer-minutes by grade, area and class")
    shares.add_argument("table", type=Path, help="CSV with customers, wait_min and the labels")
    shares.add_argument("--by", nargs="+", default=("grade", "area", "class"))
    _language(shares)


def _language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=("en", "zh"), default="en")


def _policies(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policies", nargs="+", metavar="POLICY", help="a file, or the name of a pack")


def run(args: argparse.Namespace, plan_effect: PlanEffect | None = None) -> int:
    """Carry out one sub-command.

    Parameters
    ----------
    plan_effect : called by `diff` with both policies and the language; what it returns is
        shown below the changes (what the new policy does to the plan of that day).

    Returns
    -------
    0 when all is well, 1 when lint finds errors or cases fail, 2 for bad input.
    """
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "lint": _lint,
        "test": _test,
        "explain": _explain,
        "diff": lambda given: _diff(given, plan_effect),
        "facts": _facts,
        "new": _new,
        "export": _export,
        "import": _import,
        "mutate": _mutate,
        "fairness": _fairness,
    }
    try:
        return commands[args.rules_command](args)
    except RulesError as error:
        print(error.said(getattr(args, "lang", "en")), file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return BAD_INPUT


def _path(name: str) -> Path:
    return pack_path(name) or Path(name)


def _lint(args: argparse.Namespace) -> int:
    worst = OK
    for name in args.policies:
        try:
            policy = load_policy(name)
        except PolicyError as error:
            print(error.said(args.lang))
            worst = FAILED
            continue
        found = lint(policy, date.today())
        for fault in found:
            print(fault.line(args.lang))
        wrong = len(errors(found))
        worst = FAILED if wrong else worst
        print(f"{policy.file}: {wrong} errors, {len(found) - wrong} warnings; {_inventory(policy)}")
    return worst


def _inventory(policy: Policy) -> str:
    tables = list(policy.every_table())
    rows = sum(1 for table in tables for _ in table.every_row())
    figures = [s for t in tables for row in t.every_row() for s in row.settings if s.fact.is_number]
    marks = [policy.source_of(setting.source) for setting in figures]
    unverified = sum(isinstance(mark, Source) and mark.mark == "unverified" for mark in marks)
    text = f"{len(tables)} tables, {rows} rows, {len(figures)} figures ({unverified} unverified)"
    return f"{text}, version {policy.version}"


def _test(args: argparse.Namespace) -> int:
    worst = OK
    for name in args.policies:
        policy, path = load_policy(name), _path(name)
        if args.freeze:
            frozen_path(path).write_text(cases_text(policy), encoding="utf-8")
        files = cases_paths(path)
        if not files:
            print(f"{path.name}: has no cases; write {cases_path(path).name} or draw them with --freeze")
            worst = FAILED
        for file in files:
            cases = load_cases(file, policy)
            failures = run_cases(policy, cases)
            for failure in failures[:MOST_SHOWN]:
                print(f"{file.name} {failure.show(args.lang)}")
            worst = FAILED if failures else worst
            print(f"{file.name}: {len(cases) - len(failures)} of {len(cases)} cases hold")
    return worst


def _explain(args: argparse.Namespace) -> int:
    policy = load_policy(args.policy)
    facts = _given(policy, args)
    stages = [args.stage] if args.stage else list(classify(policy, facts))
    known = dict(facts)
    traces = []
    for stage in stages:
        used = {n: v for n, v in known.items() if args.stage or n in policy.given[stage]}
        decision = policy.decide(stage, used)
        traces.append(decision.trace)
        known.update({n: v for n, v in decision.outcome.items() if v is not None and n != "weight"})
    if args.format == "json":
        print(json.dumps([trace.to_dict() for trace in traces], ensure_ascii=False, indent=1, default=list))
    elif args.format == "html":
        print("\n".join(trace.to_html(args.lang) for trace in traces))
    else:
        print("\n\n".join(trace.to_text(args.lang) for trace in traces))
    return OK


def _given(policy: Policy, args: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if args.facts_file:
        try:
            loaded = json.loads(read_text(args.facts_file))
        except (ValueError, RecursionError) as error:
            raise RulesError(
                f"{args.facts_file.name}: not JSON: {error}",
                f"{args.facts_file.name}：不是有效的JSON：{error}",
            ) from None
        if not isinstance(loaded, dict):
            raise RulesError(
                f"{args.facts_file.name}: must be one JSON object",
                f"{args.facts_file.name}：须为一个JSON对象",
            )
        found.update(typed(policy, loaded))
    for pair in [*args.facts, *args.more]:
        name, equals, value = pair.partition("=")
        fact = policy.facts.get(name)
        if not equals or fact is None:
            hint = nearest(name, policy.facts) if equals else "; write NAME=VALUE"
            hint_zh = nearest_zh(name, policy.facts) if equals else "；请写NAME=VALUE"
            raise FactError(f"unknown fact '{name}'{hint}", f"未知的事实“{name}”{hint_zh}")
        found[name] = from_text(fact, value)
    return policy.checked(found)


def _diff(args: argparse.Namespace, plan_effect: PlanEffect | None) -> int:
    old, new = load_policy(args.old), load_policy(args.new)
    requests = read_requests(args.requests)
    changes = compare(old, new, requests)
    if args.format == "json":
        _print_changes(old, new, changes)
        return OK
    for change in changes[:MOST_SHOWN]:
        print(change.text(new, args.lang))
    left = len(changes) - MOST_SHOWN
    if left > 0:
        print(f"……另有 {left} 条" if args.lang == "zh" else f"... and {left} more")
    counts = ", ".join(f"{_label(new, name, args.lang)} {count}" for name, count in counted(changes).items())
    summary = f"{len(changes)} of {len(requests)} requests change"
    if args.lang == "zh":
        summary = f"{len(requests)} 条诉求中有 {len(changes)} 条改变"
    print(f"{summary}{': ' + counts if counts else ''}")
    if plan_effect is not None:
        print(plan_effect(old, new, args.lang))
    return OK


def _print_changes(old: Policy, new: Policy, changes: Sequence[Change]) -> None:
    rows = [
        {"request": c.request, "changes": [[*key, *pair] for key, pair in c.changes.items()]} for c in changes
    ]
    data = {"old": old.version, "new": new.version, "changed": rows}
    print(json.dumps(data, ensure_ascii=False, default=list))


def _label(policy: Policy, name: str, language: str) -> str:
    return policy.facts[name].zh if language == "zh" and name in policy.facts else name


def _facts(args: argparse.Namespace) -> int:
    if args.markdown:
        sys.stdout.write(facts_document())
        return OK
    known = load_policy(args.policy).facts if args.policy else VOCABULARY
    for fact in known.values():
        unit = f" [{fact.unit}]" if fact.unit else ""
        values = f": {', '.join(fact.values)}" if fact.values else ""
        print(f"{fact.name:28} {fact.label(args.lang)}, {fact.type}{unit}{values}")
    return OK


def _new(args: argparse.Namespace) -> int:
    name = args.name or args.file.stem
    written = new_policy(args.pack, args.file, name)
    print(f"wrote {', '.join(path.name for path in written)}; to fill in:")
    for line in load_policy(args.file).fill_in:
        print(f"  - {line}")
    return OK


def _export(args: argparse.Namespace) -> int:
    path = _path(args.policy)
    text = read_text(path)
    load_policy(args.policy)
    write_workbook(read_yaml(text, path.name), text, args.workbook)
    print(f"wrote {args.workbook}")
    return OK


def _import(args: argparse.Namespace) -> int:
    from_book = load_policy(args.workbook)
    text = read_text(args.policy) if args.policy.exists() else yaml_in(args.workbook)
    written = merged_text(text, read_workbook(args.workbook))
    args.policy.write_text(written, encoding="utf-8")
    print(f"wrote {args.policy}, version {from_book.version}")
    return OK


def _mutate(args: argparse.Namespace) -> int:
    path = _path(args.policy)
    found = mutate(path, cases_paths(path), args.count, args.seed)
    for each in found:
        if each.caught == "missed":
            print(f"missed: {each.kind} in {each.place}: {each.text}")
    kinds = {kind: sum(each.caught == kind for each in found) for kind in ("load", "lint", "cases", "missed")}
    counts = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
    print(f"{share_caught(found):.1%} of {len(found)} edits caught ({counts})")
    return OK


def _fairness(args: argparse.Namespace) -> int:
    rows: Sequence[dict[str, Any]] = read_requests(args.table)
    names = list(rows[0]) if rows else []
    columns: dict[str, list[Any]] = {name: [row.get(name) or None for row in rows] for name in names}
    for name in ("customers", "wait_min", "promised_min"):
        if name in columns:
            try:
                columns[name] = [
                    float(value) if value is not None else float("nan") for value in columns[name]
                ]
            except ValueError as error:
                raise RulesError(
                    f"{args.table.name}: column '{name}': {error}", f"{args.table.name}：列“{name}”：{error}"
                ) from None
    print(fairness_text(fairness(columns, tuple(args.by)), args.lang))
    return OK
