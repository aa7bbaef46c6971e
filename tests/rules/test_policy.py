"""A policy decides one request or many, the same way, and names every outcome."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rules import OUTCOMES, FactError, Policy, load_policy, policy_from_text

HEAD = "policy: t\nsources: {s: {title: made up, mark: unverified}}\n"


def made(tables: str, stage: str = "order") -> Policy:
    indented = "\n".join("    " + line for line in tables.strip("\n").splitlines())
    return policy_from_text(f"{HEAD}stages:\n  {stage}:\n{indented}\n", "t.yaml")


@pytest.fixture(scope="module")
def cn() -> Policy:
    return load_policy("cn")


def test_state_grid_pack_decides_all_stages(cn: Policy) -> None:
    assert cn.stages == ("customer", "request", "order", "switching", "service")
    for stage in cn.stages:
        assert set(OUTCOMES[stage]) <= set(cn.decide(stage, {}).outcome)


def test_first_row_that_holds_decides() -> None:
    policy = made("""
- table: t
  source: s
  rows:
    - {if: {customers_out: 100..}, then: {class: P2}}
    - {if: {customers_out: 10..}, then: {class: P3}}
  otherwise: {then: {class: P5}}
""")
    got = [policy.decide("order", {"customers_out": n}).outcome["class"] for n in (100, 99, 10, 9)]
    assert got == ["P2", "P3", "P3", "P5"]
    assert policy.decide("order", {}).outcome["class"] == "P5"


@pytest.mark.parametrize(
    ("hit", "expected"), [("collect sum", 5.0), ("collect max", 3.0), ("collect min", 2.0)]
)
def test_collect_gathers_numbers_of_all_rows(hit: str, expected: float) -> None:
    policy = made(f"""
- table: t
  hit: {hit}
  rows:
    - {{if: {{customers_out: 10..}}, then: {{drop_cost: 2}}}}
    - {{if: {{customers_out: 20..}}, then: {{drop_cost: 3}}}}
    - {{if: {{customers_out: 900..}}, then: {{drop_cost: 70}}}}
""")
    assert policy.decide("order", {"customers_out": 50}).outcome["drop_cost"] == expected
    assert policy.decide_many("order", {"customers_out": [50]})["drop_cost"][0] == expected
    assert policy.decide("order", {"customers_out": 1}).outcome["drop_cost"] is None


def test_collect_list_joins_lists_in_the_order_of_rows() -> None:
    policy = made("""
- table: t
  hit: collect list
  rows:
    - {if: {customers_out: 10..}, then: {notify: [supervisor, media_desk]}}
    - {if: {customers_out: 20..}, then: {notify: [customer, supervisor]}}
""")
    expected = ("supervisor", "media_desk", "customer")
    assert policy.decide("order", {"customers_out": 50}).outcome["notify"] == expected
    assert policy.decide_many("order", {"customers_out": [50]})["notify"][0] == expected


def test_a_later_table_reads_what_an_earlier_one_set() -> None:
    policy = made("""
- table: a
  rows:
    - {if: {customers_out: 100..}, then: {class: P2}}
  otherwise: {then: {class: P4}}
- table: b
  rows:
    - {if: {class: P2}, then: {drop_cost: 9}}
  otherwise: {then: {drop_cost: 1}}
""")
    assert policy.decide("order", {"customers_out": 100}).outcome["drop_cost"] == 9
    assert list(policy.decide_many("order", {"customers_out": [100, 1]})["drop_cost"]) == [9, 1]


def test_expressions_read_facts_and_a_missing_fact_leaves_them_without_value() -> None:
    policy = made("""
- table: t
  rows:
    - if: {cel: "customers_out * 2.0 > 10.0 && area == 'urban'"}
      then: {drop_cost: {cel: "customers_out * 3.0"}}
  otherwise: {then: {drop_cost: 1}}
""")
    assert policy.decide("order", {"customers_out": 6, "area": "urban"}).outcome["drop_cost"] == 18
    assert policy.decide("order", {"customers_out": 6}).outcome["drop_cost"] == 1
    many = policy.decide_many("order", {"customers_out": [6, 6, 5], "area": ["urban", None, "urban"]})
    assert list(many["drop_cost"]) == [18, 1, 1]


def test_units_in_cells_are_converted_to_the_unit_of_the_fact() -> None:
    policy = made("""
- table: t
  rows:
    - {if: {voltage_kv: "400 V"}, then: {promise_restore_min: 3 h}}
""")
    assert policy.decide("order", {"voltage_kv": 0.4}).outcome["promise_restore_min"] == 180


def test_unknown_facts_and_wrong_values_are_named(cn: Policy) -> None:
    with pytest.raises(FactError, match="unknown fact 'custmers_out'; did you mean 'customers_out'"):
        cn.decide("order", {"custmers_out": 3})
    with pytest.raises(FactError, match="'customers_out' is -1; must be at least 0"):
        cn.decide("order", {"customers_out": -1})
    with pytest.raises(FactError, match="'customers_out' is -1; must be at least 0"):
        cn.decide_many("order", {"customers_out": [3, -1]})
    with pytest.raises(FactError, match="'area' is 'urbn'; must be one of urban, rural, remote"):
        cn.decide("order", {"area": "urbn"})
    with pytest.raises(FactError, match="no stage 'orders'; did you mean 'order'"):
        cn.decide("orders", {})
    with pytest.raises(FactError, match="has 1 values; the others have 2"):
        cn.decide_many("order", {"customers_out": [3, 1], "area": ["urban"]})


def test_an_industry_the_policy_does_not_know_is_ordinary(cn: Policy) -> None:
    assert cn.decide("customer", {"industry": "llama farm"}).outcome["grade"] == "ordinary"


def test_arrears_lower_nothing(cn: Policy) -> None:
    assert not any("arrears" in table.reads for table in cn.every_table())


def test_many_are_decided_as_one_by_one(cn: Policy) -> None:
    columns = {
        "industry": ["hospital", "residential", None, "mining", "telecom"],
        "sources": np.array([2, 1, np.nan, 1, 3]),
        "own_generator_h": np.array([8, np.nan, np.nan, 0, 24.0]),
        "welfare": np.array([False, True, False, True, False]),
        "voltage_kv": [10, 0.4, 0.4, 35, 110],
    }
    many = cn.decide_many("customer", columns)
    for at in range(5):
        facts = {name: values[at] for name, values in columns.items()}
        one = cn.decide("customer", facts)
        assert dict(many.decision(at).outcome) == dict(one.outcome)
        assert many.trace(at).to_dict() == one.trace.to_dict()
    assert many["weight"].dtype == np.float64
    assert list(many["grade"]) == ["first", "welfare", "ordinary", "high_hazard", "special"]


def test_version_follows_what_is_said_and_not_how_it_is_laid_out(tmp_path: Path) -> None:
    text = HEAD + "stages: {order: [{table: t, rows: [{then: {class: P1}}]}]}\n"
    spaced = text.replace("stages: ", "# a comment\nstages:   ")
    changed = text.replace("P1", "P2")
    versions = [policy_from_text(each).version for each in (text, spaced, changed)]
    assert versions[0] == versions[1] != versions[2]
