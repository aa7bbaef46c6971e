"""The pages say what the code does: every fact, operator and hit policy, and the examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules import STAGES, VOCABULARY, PolicyError, load_policy, pack_names, policy_from_text
from rules.checks.lint import lint
from rules.conditions import OPERATORS
from rules.document import facts_document
from rules.expressions import FUNCTIONS
from rules.loading import _KEYS
from rules.tables import HITS
from rules.units import UNITS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "rules.md").read_text(encoding="utf-8")
SHOWN = {"/ /": "/wires? down/", "@": "@serious_words", "any": "`any`"}
SHOWN |= {sign: f'"{sign} 10"' for sign in ("<", "<=", "=", ">=", ">")}


def block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found.group(1)


def test_the_page_of_facts_is_what_the_code_prints() -> None:
    page = (DOCS / "rules-facts.md").read_text(encoding="utf-8")
    assert page == facts_document(), "run: gridcrew rules facts --markdown > docs/rules-facts.md"
    for name in (*VOCABULARY, *STAGES, *UNITS):
        assert f"`{name}`" in page or f"| {name} |" in page


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_documented(operator: str) -> None:
    assert SHOWN.get(operator, operator) in PAGE.split("### Conditions")[1].split("### Outcomes")[0]


def test_every_hit_policy_key_and_function_is_documented() -> None:
    for name in (*HITS, *FUNCTIONS, *(key for keys in _KEYS.values() for key in keys)):
        assert f"`{name}`" in PAGE, name


def test_the_example_that_works_works_and_lint_has_nothing_against_it() -> None:
    policy = policy_from_text(block("yaml works"), "harbour.yaml")
    assert [str(fault) for fault in lint(policy)] == []
    facts = {"kind": "outage", "grade": "first", "customers_out": 640, "area": "urban"}
    text = policy.decide("order", facts).trace.to_text()
    for line in block("text trace").splitlines()[1:4]:
        assert line in text


def test_the_example_that_fails_fails_with_that_message() -> None:
    with pytest.raises(PolicyError) as caught:
        policy_from_text(block("yaml fails"), "harbour.yaml")
    assert str(caught.value) + "\n" == block("text fails")


def test_python_example_gives_what_it_says() -> None:
    policy = load_policy("cn")
    facts = {"kind": "outage", "area": "urban", "customers_out": 640}
    assert policy.decide("order", facts).outcome["promise_arrive_min"] == 45.0
    many = policy.decide_many("customer", {"industry": ["hospital", "shop"], "sources": [2, 1]})
    assert list(many["weight"]) == [100, 1]


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_has_its_page(name: str) -> None:
    page = (DOCS / "rules" / f"{name}.md").read_text(encoding="utf-8")
    assert "must fill in" in page
    assert "**Covers" in page
