"""What-if: two policies on the same requests, and what becomes different."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import PolicyError, PolicyFault
from ..facts import refused
from ..policy import Policy
from ..showing import value_text
from ..vocabulary import STAGES
from ..yamlfile import read_text

WATCHED = (
    "grade",
    "kind",
    "category",
    "urgency",
    "class",
    "tier",
    "weight",
    "cost_per_min",
    "promise_accept_min",
    "promise_dispatch_min",
    "promise_arrive_min",
    "promise_restore_min",
    "promise_answer_workdays",
    "callback",
    "skills",
    "duration_min",
)
MOST_BYTES = 50_000_000
PlanEffect = Callable[[Policy, Policy, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One request whose outcome differs: by stage and name, before and after."""

    request: str
    changes: Mapping[tuple[str, str], tuple[Any, Any]]

    def text(self, policy: Policy, language: str = "en") -> str:
        """Such as ``R-12: class P3 -> P2, weight 1 -> 5``."""
        parts = []
        for (_, name), (before, after) in self.changes.items():
            fact = policy.facts.get(name)
            unit, label = (fact.unit, fact.label(language)) if fact else (None, name)
            old, new = value_text(before, unit, language), value_text(after, unit, language)
            parts.append(f"{label} {old} -> {new}")
        return f"{self.request}: {', '.join(parts)}"


def read_requests(path: Path) -> list[dict[str, Any]]:
    """Requests from CSV (a column per fact) or JSON (a list of mappings); facts as text are made typed.

    Raises
    ------
    PolicyError : the file cannot be read.
    """
    text = read_text(path, MOST_BYTES)
    try:
        if path.suffix.lower() == ".json":
            loaded = json.loads(text)
            rows = loaded if isinstance(loaded, list) else loaded.get("requests")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ValueError("expected a list of requests")
            return rows
        return [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]
    except (ValueError, AttributeError, csv.Error, RecursionError) as error:
        text, zh = f"cannot be read: {error}", f"无法读取：{error}"
        raise PolicyError([PolicyFault(file=path.name, place="", text=text, zh=zh)]) from None


def typed(policy: Policy, row: Mapping[str, Any]) -> dict[str, Any]:
    """A request's facts with the policy's types; columns that are no facts are left out.

    Raises
    ------
    FactError : a value that its fact does not allow.
    """
    found: dict[str, Any] = {}
    for name, value in row.items():
        fact = policy.facts.get(name)
        if fact is None or value is None or value == "":
            continue
        found[name] = from_text(fact, value) if isinstance(value, str) else value
    return policy.checked(found)


def from_text(fact: Any, value: str) -> Any:
    """A fact's value from plain text, such as a CSV cell or a command line holds it.

    Raises
    ------
    FactError : not a value of the fact.
    """
    if fact.is_number:
        try:
            return float(value)
        except ValueError:
            raise refused(fact, value, "a number", "为数字") from None
    if fact.type == "yes/no":
        known = {
            "yes": True,
            "no": False,
            "true": True,
            "false": False,
            "1": True,
            "0": False,
            "是": True,
            "否": False,
        }
        if value.strip().lower() not in known:
            raise refused(fact, value, "yes or no", "为yes或no")
        return known[value.strip().lower()]
    if fact.type == "list":
        return [part.strip() for part in value.replace(";", ",").split(",") if part.strip()]
    return value


def classify(policy: Policy, facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Run the stages customer, request and order one after the other, each fed with what came before.

    Parameters
    ----------
    policy : a loaded policy.
    facts : facts of one request.

    Returns
    -------
    By stage, its outcome.
    """
    known = dict(facts)
    found: dict[str, dict[str, Any]] = {}
    for stage in STAGES[:3]:
        if stage not in policy.tables:
            continue
        if stage == "customer" and not any(name in known for name in policy.given["customer"] - {"area"}):
            continue
        given = {name: value for name, value in known.items() if name in policy.given[stage]}
        outcome = dict(policy.decide(stage, given).outcome)
        found[stage] = outcome
        known.update(
            {name: value for name, value in outcome.items() if value is not None and name != "weight"}
        )
    return found


def compare(old: Policy, new: Policy, requests: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Requests of which a watched outcome differs between two policies.

    Parameters
    ----------
    old : the policy in force.
    new : the policy to come.
    requests : facts, one mapping for each request.

    Returns
    -------
    list of Change
        Differences, in the order of the requests.

    Raises
    ------
    FactError : a request holds a value that a policy does not allow.
    """
    found = []
    for at, row in enumerate(requests):
        before, after = classify(old, typed(old, row)), classify(new, typed(new, row))
        changes: dict[tuple[str, str], tuple[Any, Any]] = {}
        for stage in before:
            changes |= differing(stage, before[stage], after.get(stage, {}))
        if changes:
            found.append(Change(request=str(row.get("id") or row.get("request") or at + 1), changes=changes))
    return found


def differing(
    stage: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[tuple[str, str], tuple[Any, Any]]:
    """The watched outcomes of one stage that two decisions do not share."""
    pairs = {name: (before.get(name), after.get(name)) for name in WATCHED}
    return {(stage, name): pair for name, pair in pairs.items() if pair[0] != pair[1]}


def counted(changes: Sequence[Change]) -> dict[str, int]:
    """How many requests change, by outcome."""
    count: dict[str, int] = {}
    for change in changes:
        for name in {name for _, name in change.changes}:
            count[name] = count.get(name, 0) + 1
    return dict(sorted(count.items()))
