"""Cases beside a policy: given these facts, expect this outcome.

A file of cases is YAML: ``cases:`` with a list of mappings that hold ``stage``,
``given``, ``expect``, and optionally ``case`` (a name) and ``each`` (a fact and
many values: the case is tried with each of them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import CellError, FactError, PolicyError, PolicyFault, nearest, nearest_zh
from ..facts import Fact
from ..nodes import Node
from ..policy import Decision, Policy
from ..settings import cell_text, read_value
from ..showing import value_text
from ..yamlfile import read_text, read_yaml

_KEYS = ("case", "stage", "given", "each", "expect")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCase:
    """One case; `expect` holds outcomes by name, None for "unset"."""

    name: str
    place: str
    stage: str
    given: Mapping[str, Any]
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFailure:
    """A case whose outcome is another than expected, or that `error` kept from being decided."""

    case: PolicyCase
    wrong: Mapping[str, tuple[Any, Any]]
    decision: Decision | None
    error: FactError | None = None

    def show(self, language: str = "en") -> str:
        """The case, what differs, and the trace of the decision."""
        said = f": {self.error.said(language)}" if self.error else ""
        lines = [f"{self.case.place} {self.case.name}".strip() + said]
        differs = "  {}：应为{}，实为{}" if language == "zh" else "  {}: expected {}, got {}"
        for name, (wanted, got) in self.wrong.items():
            lines.append(differs.format(name, *(value_text(each, None, language) for each in (wanted, got))))
        if self.decision is not None:
            lines.extend("  " + line for line in self.decision.trace.to_text(language).splitlines())
        return "\n".join(lines)


def cases_path(policy_path: Path) -> Path:
    """Where people write the cases of a policy: ``cn.yaml`` has ``cn.cases.yaml``.

    Parameters
    ----------
    policy_path : the policy file.

    Returns
    -------
    Path
        The file of its cases beside it.
    """
    return policy_path.with_name(policy_path.stem + ".cases.yaml")


def frozen_path(policy_path: Path) -> Path:
    """Where the cases drawn from a policy stand: ``cn.yaml`` has ``cn.frozen.cases.yaml``.

    Parameters
    ----------
    policy_path : the policy file.

    Returns
    -------
    Path
        The file of its frozen cases beside it.
    """
    return policy_path.with_name(policy_path.stem + ".frozen.cases.yaml")


def cases_paths(policy_path: Path) -> tuple[Path, ...]:
    """The files of cases that exist beside a policy."""
    both = (cases_path(policy_path), frozen_path(policy_path))
    return tuple(path for path in both if path.is_file())


def load_cases(path: Path, policy: Policy) -> tuple[PolicyCase, ...]:
    """Read a file of cases for a policy.

    Parameters
    ----------
    path : the file of cases.
    policy : the policy that they are for.

    Returns
    -------
    tuple of PolicyCase
        In the order of the file.

    Raises
    ------
    PolicyError : every fault of the file, with its place.
    """
    return cases_from_node(read_yaml(read_text(path), path.name), path.name, policy)


def cases_from_node(root: Node, file: str, policy: Policy) -> tuple[PolicyCase, ...]:
    """Make cases of a file's nodes.

    Raises
    ------
    PolicyError : every fault, with its place.
    """
    reader = _Reader(file, policy)
    listed = root.get("cases")
    if listed is None or not listed.is_list:
        text, zh = "needs 'cases', a list", "缺少“cases”列表"
        raise PolicyError([PolicyFault(file=file, place=root.place, text=text, zh=zh)])
    found = [case for node in listed.value for case in reader.cases(node)]
    if reader.faults:
        raise PolicyError(reader.faults)
    return tuple(found)


def run_cases(policy: Policy, cases: tuple[PolicyCase, ...]) -> tuple[CaseFailure, ...]:
    """Try every case and return those that fail.

    Parameters
    ----------
    policy : a loaded policy.
    cases : what it should decide.

    Returns
    -------
    tuple of CaseFailure
        Empty where every case passes.
    """
    return tuple(failure for case in cases if (failure := _run(policy, case)))


def _run(policy: Policy, case: PolicyCase) -> CaseFailure | None:
    try:
        decision = policy.decide(case.stage, case.given)
    except FactError as error:
        return CaseFailure(case=case, wrong={}, decision=None, error=error)
    got = decision.outcome
    wrong = {name: (value, got.get(name)) for name, value in case.expect.items() if got.get(name) != value}
    return CaseFailure(case=case, wrong=wrong, decision=decision) if wrong else None


class _Reader:
    def __init__(self, file: str, policy: Policy) -> None:
        self.file = file
        self.policy = policy
        self.faults: list[PolicyFault] = []

    def cases(self, node: Node) -> Iterator[PolicyCase]:
        """One case, or one for each value of its `each`."""
        if not node.is_map or "stage" not in node.value or "expect" not in node.value:
            text = "a case is a mapping with stage, given and expect"
            self._fault(node.place, text, "用例须写明stage、given和expect")
            return
        for key in node.value:
            if key not in _KEYS:
                text = f"unknown key '{key}' in a case{nearest(key, _KEYS)}"
                self._fault(node.keys[key], text, f"用例中有未知的键“{key}”{nearest_zh(key, _KEYS)}")
        stage = str(node.value["stage"].value)
        if stage not in self.policy.tables:
            known = self.policy.tables
            text = f"unknown stage '{stage}'{nearest(stage, known)}"
            zh = f"未知的阶段“{stage}”{nearest_zh(stage, known)}"
            self._fault(node.value["stage"].place, text, zh)
            return
        given, expect = self._facts(node.get("given")), self._facts(node.get("expect"))
        name = str(node.value["case"].value) if "case" in node.value else ""
        each = node.get("each")
        for varied in self._each(each) if each else [{}]:
            yield PolicyCase(
                name=name, place=node.place, stage=stage, given={**given, **varied}, expect=expect
            )

    def _each(self, node: Node) -> Iterator[dict[str, Any]]:
        for name, values in node.value.items() if node.is_map else ():
            fact = self._known(name, node.keys[name])
            for value in (values.value if values.is_list else [values]) if fact else ():
                read = self._value(value, fact)
                yield {name: read}

    def _facts(self, node: Node | None) -> dict[str, Any]:
        if node is None or node.value is None:
            return {}
        if not node.is_map:
            self._fault(node.place, "must be a mapping of facts to values", "须以事实为键、以取值为值")
            return {}
        found: dict[str, Any] = {}
        for name, value in node.value.items():
            fact = self._known(name, node.keys[name])
            if fact:
                found[name] = self._value(value, fact)
        return found

    def _known(self, name: str, place: str) -> Fact | None:
        known = self.policy.facts
        fact = known.get(name)
        if fact is None:
            text = f"unknown fact '{name}'{nearest(name, known)}"
            self._fault(place, text, f"未知的事实“{name}”{nearest_zh(name, known)}")
        return fact

    def _value(self, node: Node, fact: Fact | None) -> Any:
        if fact is None or node.value is None:
            return None
        try:
            if fact.type in ("text", "choice"):
                return fact.checked(str(node.value))
            return read_value(cell_text(node), fact, self.policy.facts)[0]
        except (FactError, CellError) as error:
            self._fault(node.place, error.text, error.zh)
            return None

    def _fault(self, place: str, text: str, zh: str) -> None:
        self.faults.append(PolicyFault(file=self.file, place=place, text=text, zh=zh))
