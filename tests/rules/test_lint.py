"""Lint proves what can never match, and shows what contradicts or is left open."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import Policy, load_policy, pack_names, policy_from_text
from rules.checks.lint import lint

HEAD = "policy: t\nsources: {s: {title: made up, mark: unverified}}\nstages:\n  order:\n"
REST = """
    - table: rest
      source: s
      rows: [{then: {class: P5, tier: 1, weight: 1, skills: [lv], duration_min: 5}}]
"""


def made(table: str) -> Policy:
    indented = "\n".join("    " + line for line in table.strip("\n").splitlines())
    return policy_from_text(HEAD + indented + REST, "t.yaml")


def said(table: str, level: str | None = None) -> list[str]:
    return [str(fault) for fault in lint(made(table)) if level in (None, fault.level)]


@pytest.mark.parametrize("name", pack_names())
def test_packs_have_neither_errors_nor_warnings(name: str) -> None:
    assert [str(fault) for fault in lint(load_policy(name))] == []


def test_a_row_hidden_by_one_above_is_named_with_it() -> None:
    found = said("""
- table: t
  source: s
  rows:
    - {if: {customers_out: 10..}, then: {drop_cost: 2}}
    - {if: {customers_out: 20.., area: urban}, then: {drop_cost: 3}}
  otherwise: {then: {drop_cost: 1}}
""")
    assert found == ["t.yaml 9:11: row 2 of 't' can never match: row 1 (8:11) above hides it"]


def test_a_row_hidden_by_several_together_names_them_all() -> None:
    found = said("""
- table: t
  source: s
  rows:
    - {if: {customers_out: 10..}, then: {drop_cost: 2}}
    - {if: {hour: 3}, then: {drop_cost: 7}}
    - {if: {customers_out: ..9}, then: {drop_cost: 4}}
    - {if: {customers_out: 5..20}, then: {drop_cost: 3}}
  otherwise: {then: {drop_cost: 1}}
""")
    assert found == [
        "t.yaml 11:11: row 4 of 't' can never match: row 1 (8:11) and row 3 (10:11) above hide it"
    ]


def test_words_that_another_row_already_covers_hide_a_row() -> None:
    table = """
- table: t
  source: s
  rows:
    - {{if: {{words: "has 停电, dark"}}, then: {{drop_cost: 2}}}}
    - {{if: {{words: "has {words}"}}, then: {{drop_cost: 3}}}}
  otherwise: {{then: {{drop_cost: 1}}}}
"""
    head = HEAD.replace("  order:\n", "  request:\n")
    rest = "    - {table: rest, rows: [{then: {kind: enquiry, category: none, urgency: general}}]}\n"

    def found(words: str) -> list[str]:
        body = "\n".join("    " + line for line in table.format(words=words).strip("\n").splitlines())
        return [str(fault) for fault in lint(policy_from_text(head + body + "\n" + rest, "t.yaml"))]

    assert found("昨天停电了") == ["t.yaml 9:11: row 2 of 't' can never match: row 1 (8:11) above hides it"]
    assert found("昨天停电了, 没电") == []
    assert found("darkness") == ["t.yaml 9:11: row 2 of 't' can never match: row 1 (8:11) above hides it"]


def test_overlap_that_disagrees_under_unique_comes_with_an_example() -> None:
    found = said("""
- table: t
  hit: unique
  source: s
  rows:
    - {if: {customers_out: 10..}, then: {drop_cost: 2}}
    - {if: {area: urban}, then: {drop_cost: 3}}
    - {if: {area: rural, customers_out: ..5}, then: {drop_cost: 3}}
  otherwise: {then: {drop_cost: 1}}
""")
    assert found == [
        "t.yaml 10:11: rows 1 and 2 of 't' both match under unique and disagree, "
        "for example: customers_out 10 customers, area urban"
    ]


def test_a_gap_comes_with_an_example_and_can_be_meant() -> None:
    table = """
- table: t
  source: s
  rows:
    - {if: {area: [urban, rural, missing]}, then: {drop_cost: 2}}
"""
    found = said(table)
    assert len(found) == 1
    assert "t.yaml 5:7: warning: table 't' leaves a gap: no row matches area remote" in found[0]
    assert said(table + "  gaps: meant\n") == []


def test_a_gap_that_leaves_a_required_outcome_open_is_an_error() -> None:
    found = said("- {table: t, rows: [{if: {area: urban}, then: {class: P1}}]}", "error")
    assert "leaves a gap" in found[0]


def test_what_a_table_above_always_sets_is_no_gap() -> None:
    assert (
        said("""
- table: a
  rows: [{if: {customers_out: 5..}, then: {class: P1}}]
  otherwise: {then: {class: P2}}
- table: b
  hit: unique
  source: s
  rows:
    - {if: {class: P1}, then: {drop_cost: 2}}
    - {if: {class: P2}, then: {drop_cost: 3}}
""")
        == []
    )


def test_a_value_that_is_never_set_is_an_error() -> None:
    found = said("""
- table: a
  rows: [{if: {customers_out: 5..}, then: {class: P1}}]
  otherwise: {then: {class: P2}}
- table: b
  source: s
  rows: [{if: {class: P3}, then: {drop_cost: 2}}]
  otherwise: {then: {drop_cost: 3}}
""")
    assert found == ["t.yaml 10:14: row 1 of 'b' can never match: 'class' is never 'P3' here"]


def test_arrival_promised_after_restoration_is_shown_with_an_example() -> None:
    found = said("""
- table: a
  source: s
  rows: [{if: {area: rural}, then: {promise_arrive_min: 300}}]
  otherwise: {then: {promise_arrive_min: 45}}
- table: b
  source: s
  rows: [{if: {customers_out: 5..}, then: {promise_restore_min: 4 h}}]
  otherwise: {then: {promise_restore_min: 6 h}}
""")
    assert len(found) == 1
    assert "promises contradict: 'promise_arrive_min' (row 1 of 'a') is later than" in found[0]
    assert "area rural" in found[0]


def test_figures_without_a_source_are_errors() -> None:
    found = said("- {table: t, rows: [{then: {drop_cost: 2}}]}")
    assert found == ["t.yaml 5:44: figure 'drop_cost: 2' in table 't' has no source"]


def test_a_stage_that_never_sets_a_required_outcome_is_an_error() -> None:
    text = HEAD + "    - {table: t, source: s, rows: [{then: {class: P1}}]}\n"
    found = [str(fault) for fault in lint(policy_from_text(text, "t.yaml"))]
    assert "t.yaml 5:7: stage 'order' has no table that sets 'tier'" in found


def test_the_one_hidden_row_of_five_hundred_is_found() -> None:
    areas, grades = ("urban", "rural", "remote"), ("special", "first", "second", "vip")
    rows = [
        f"        - {{if: {{area: {area}, grade: {grade}, customers_out: {low}..{low + 9}}}, "
        f"then: {{drop_cost: {low}}}}}"
        for area, grade, low in itertools.product(areas, grades, range(0, 420, 10))
    ]
    rows.append("        - {if: {area: rural, grade: vip, customers_out: 12..38}, then: {drop_cost: 1}}")
    text = HEAD + "    - table: t\n      source: s\n      rows:\n" + "\n".join(rows)
    text += "\n      otherwise: {then: {drop_cost: 1}}" + REST
    assert len(rows) >= 500
    found = lint(policy_from_text(text, "t.yaml"))
    assert [fault.place for fault in found] == [f"{7 + len(rows)}:11"]
    assert found[0].text.count("row ") == 4


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "urban", "rural", "not urban", "missing", "given"]),
        st.sampled_from(["", "..3", "3..7", "5..", ">5", "missing", "<3, 9..", "not 4..6"]),
        st.sampled_from(["", "yes", "no", "missing, yes"]),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_hidden_rows_and_gaps_are_those_of_brute_force(rows: list[tuple[str, str, str]]) -> None:
    names = ("area", "hour", "confirmed")
    cells = [
        ", ".join(f'{name}: "{cell}"' for name, cell in zip(names, row, strict=True) if cell) for row in rows
    ]
    table = "- table: t\n  source: s\n  rows:\n"
    table += "\n".join(
        f"    - {{if: {{{cell}}}, then: {{drop_cost: {at}}}}}" for at, cell in enumerate(cells)
    )
    policy = made(table)
    reached = set()
    for area, hour, confirmed in itertools.product(
        ("urban", "rural", "remote", None), (*range(24), None), (True, False, None)
    ):
        facts = {"area": area, "hour": hour, "confirmed": confirmed}
        reached.add(policy.decide("order", facts).outcome["drop_cost"])
    hidden = {fault.text.split(" of ")[0] for fault in lint(policy) if "can never match" in fault.text}
    assert hidden == {f"row {at + 1}" for at in range(len(rows)) if at not in reached}
    assert any("leaves a gap" in fault.text for fault in lint(policy)) == (None in reached)
