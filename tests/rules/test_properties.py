"""Random policies and requests: one by one and all at once agree; broken files only ever give faults."""

from __future__ import annotations

import contextlib
import functools
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import FactError, Policy, PolicyError, load_policy, pack_path, policy_from_text
from rules.checks.cases import cases_from_node, run_cases
from rules.checks.lint import lint
from rules.checks.mutate import _node
from rules.loading import build_policy
from rules.yamlfile import read_yaml

CONDITIONS = {
    "area": ["urban", "not rural", "rural, remote", "missing", "given", "missing, urban"],
    "customers_out": ["5..", "..<9", ">3", "<=7", "4, 6..8", "not 5", "missing", "not 2..4, 9"],
    "own_generator_h": ["0.5..", "..2.5", "missing", "1..<2"],
    "confirmed": ["yes", "no", "missing, no"],
    "kind": ["outage, hazard", "not outage", "given"],
    "cause": ["tree", "not tree, flood"],
    "cel": ["customers_out * 2.0 > 8.0", "area == 'urban'", "confirmed && customers_out > 3.0"],
}
SETTINGS = {
    "drop_cost": ["1", "2.5", "cel: customers_out * 3.0", "cel: own_generator_h + 1.0"],
    "class": ["P1", "P2", "P3"],
    "skills": ["hv", "hv, lv", "none"],
    "stock": ["fuse 1", "fuse 2, pole 1"],
    "callback": ["yes", "no", "cel: customers_out > 5.0"],
    "crews_needed": ["1", "3"],
}
HITS = ["first", "first", "unique", "collect sum", "collect max", "collect min", "collect list"]


def fits(hit: str, name: str) -> bool:
    if hit == "collect list":
        return name == "skills"
    return not hit.startswith("collect") or name in ("drop_cost", "crews_needed")


@st.composite
def tables(draw: st.DrawFn) -> str:
    hit = draw(st.sampled_from(HITS))
    lines = [f"    - table: t{draw(st.integers(0, 10**9))}", f"      hit: {hit}", "      rows:"]
    names = [name for name in SETTINGS if fits(hit, name)]

    def cells(options: dict[str, list[str]], keys: list[str], most: int) -> str:
        chosen = draw(st.lists(st.sampled_from(keys), max_size=most, unique=True))
        return ", ".join(f'{name}: "{draw(st.sampled_from(options[name]))}"' for name in chosen)

    for _ in range(draw(st.integers(1, 5))):
        asked, sets = cells(CONDITIONS, list(CONDITIONS), 3), cells(SETTINGS, names, 3)
        lines.append(f"        - {{if: {{{asked}}}, then: {{{sets}}}}}")
    if draw(st.booleans()):
        lines.append(f"      otherwise: {{then: {{{cells(SETTINGS, names, 2)}}}}}")
    return "\n".join(lines)


FACTS = st.fixed_dictionaries(
    {
        "area": st.sampled_from(["urban", "rural", "remote", None]),
        "customers_out": st.sampled_from([0, 2, 3, 5, 9, None]),
        "own_generator_h": st.sampled_from([0.0, 0.5, 1.5, 2.5, 8.0, None]),
        "confirmed": st.sampled_from([True, False, None]),
        "kind": st.sampled_from(["outage", "hazard", "metering", None]),
        "cause": st.sampled_from(["tree", "flood", "aliens", None]),
    }
)


@functools.cache
def us() -> Policy:
    return load_policy("us")


def same(one: Any, other: Any) -> bool:
    if isinstance(other, float) and math.isnan(other):
        return one is None
    return bool(one == other)


@settings(max_examples=40, deadline=None)
@given(st.lists(tables(), min_size=1, max_size=3), st.lists(FACTS, min_size=1, max_size=12))
def test_deciding_many_is_deciding_each(texts: list[str], requests: list[dict[str, Any]]) -> None:
    try:
        policy = policy_from_text("policy: t\nstages:\n  order:\n" + "\n".join(texts) + "\n")
    except PolicyError:
        assert len({text.splitlines()[0] for text in texts}) < len(texts)
        return
    columns = {name: [facts[name] for facts in requests] for name in requests[0]}
    many = policy.decide_many("order", columns)
    for at, facts in enumerate(requests):
        one = policy.decide("order", facts)
        for name in many:
            assert same(one.outcome[name], many[name][at]), name
        assert many.trace(at).fired == one.trace.fired
        assert dict(many.decision(at).outcome) == dict(one.outcome)
        assert one.trace.to_text("zh")
    lint(policy)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_a_list_of_faults(text: str) -> None:
    with pytest.raises(PolicyError):
        policy_from_text(text)


@pytest.mark.parametrize("seed", range(15))
def test_a_pack_with_bytes_knocked_about_loads_or_lists_its_faults(seed: int) -> None:
    path = pack_path("us")
    assert path is not None
    draw = random.Random(seed)
    letters = list(path.read_text(encoding="utf-8")[:4000])
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(letters))
        letters[at] = draw.choice(
            ["", "\n", ":", "{", "]", '"', "'", "&a ", "*a", "-", "|", ">", "0", "é", "\t", "..", "@"]
        )
    with contextlib.suppress(PolicyError):
        policy_from_text("".join(letters))


@settings(max_examples=25, deadline=None)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text("ab1.,\"'<>=/@", max_size=6)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(
                    ["policy", "stages", "order", "table", "rows", "if", "then", "class", "area", "cel",
                     "words", "sources", "title", "mark", "facts", "otherwise", "hit", "source", "calendar"]
                ),
                inner,
                max_size=5,
            ),
        ),
        max_leaves=25,
    )
)  # fmt: skip
def test_any_structure_is_a_policy_or_a_list_of_faults(value: Any) -> None:

    base = {"policy": "t", "stages": {"order": [{"table": "t", "rows": []}]}}
    tried = [value, {**base, "stages": value}, {**base, "stages": {"order": value}}]
    tried += [{**base, "stages": {"order": [value]}}, {**base, "sources": value}, {**base, "facts": value}]
    tried += [{**base, "stages": {"order": [{"table": "t", "rows": [value]}]}}, {**base, "lists": value}]
    tried.append({**base, "stages": {"order": [{"table": "t", "rows": [{"if": value, "then": value}]}]}})
    for root in tried:
        with contextlib.suppress(PolicyError):
            lint(build_policy(_node(root), "x.yaml"))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["area", "customers_out", "skills", "stock", "words", "confirmed"]),
                       st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3),
                                 st.lists(st.text(max_size=2), max_size=2)), max_size=4))  # fmt: skip
def test_any_facts_are_decided_or_refused_by_name(facts: dict[str, Any]) -> None:
    policy = us()
    with contextlib.suppress(FactError):
        policy.decide("order", facts)


def test_cases_of_one_policy_tried_on_another_only_fail() -> None:
    path = pack_path("cn")
    assert path is not None
    root = read_yaml(path.with_name("cn.cases.yaml").read_text(encoding="utf-8"), "cn.cases.yaml")
    policy = load_policy("us")
    assert run_cases(policy, cases_from_node(root, "cn.cases.yaml", policy))
