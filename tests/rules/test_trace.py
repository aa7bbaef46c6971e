"""A trace opens a decision down to the row, the fact and the source, in both languages, and for good."""

from __future__ import annotations

import json
import pickle
from html.parser import HTMLParser

import pytest

from rules import VOCABULARY, Policy, load_policy, pack_names, policy_from_text, trace_html, trace_text
from rules.checks.boundaries import _pool
from rules.language.lexicon import shipped_lexicon
from rules.language.words_zh import word_zh


@pytest.fixture(scope="module")
def cn() -> Policy:
    return load_policy("cn")


FACTS = {"kind": "outage", "grade": "first", "area": "urban", "component": "line", "customers_out": 640}


def test_trace_names_table_row_fact_value_and_source(cn: Policy) -> None:
    text = cn.decide("order", FACTS).trace.to_text()
    assert f"Policy cn version {cn.version}, stage order" in text
    assert "✓ customer grade is first, wants special, first, temporary, high_hazard" in text
    assert "→ promised arrival = 30 min  [source: A city's rule for important customers (2009)" in text
    assert "(verified)]" in text
    assert "customers out is 640 customers, wants 500.." in text


def test_trace_in_chinese_uses_the_chinese_names(cn: Policy) -> None:
    text = cn.decide("order", FACTS).trace.to_text("zh")
    assert "用户等级实际为 first（一级重要），要求 special" in text
    assert "到达时限 = 30 min  [来源:" in text


def test_rows_that_nearly_matched_say_what_failed(cn: Policy) -> None:
    text = cn.decide("order", {**FACTS, "customers_out": 499}).trace.to_text()
    assert "nearly row 6: ✗ customers out is 499 customers, wants 500.." in text


def test_the_word_that_decided_is_shown(cn: Policy) -> None:
    text = cn.decide("request", {"words": "hello, Sparks at the pole"}).trace.to_text()
    assert "(said: sparks = spark; pole = pole)" in text


def test_a_stored_trace_is_shown_without_its_policy(cn: Policy) -> None:
    trace = cn.decide("request", {"words": "家里没电"}).trace
    stored = json.loads(json.dumps(trace.to_dict(), ensure_ascii=False))
    assert stored["version"] == cn.version
    for language in ("en", "zh"):
        assert trace_text(stored, language) == trace.to_text(language)
        assert trace_html(stored, language) == trace.to_html(language)


def test_html_escapes_what_callers_say(cn: Policy) -> None:
    words = "no power <script>alert('x')</script> & \"more\""
    html = cn.decide("request", {"words": words}).trace.to_html()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    open_tags: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Balance().feed(html)
    assert open_tags == []


def test_no_row_and_otherwise_are_said() -> None:
    policy = policy_from_text(
        "policy: t\nstages:\n  order:\n"
        "    - {table: a, rows: [{if: {area: rural}, then: {class: P1}}]}\n"
        "    - {table: b, rows: [{if: {area: rural}, then: {tier: 1}}], otherwise: {then: {tier: 0}}}\n"
    )
    text = policy.decide("order", {"area": "urban"}).trace.to_text()
    assert "no row matches; nothing is set" in text
    assert "otherwise (5:" in text


def test_source_of_a_figure_is_found_without_opening_the_trace(cn: Policy) -> None:
    trace = cn.decide("order", FACTS).trace
    assert trace.source_of("promise_restore_min") == (
        "State Grid, ten service commitments, art. 3 (averages), "
        "yantai.gov.cn/art/2023/12/8/art_68404_3033506.html (verified)"
    )
    assert trace.source_of("promise_answer_workdays") is None


def test_policies_and_decisions_travel_between_processes(cn: Policy) -> None:
    for name in ("cn", "gb"):
        policy = load_policy(name)
        decision = pickle.loads(pickle.dumps(policy.decide("order", FACTS)))
        assert decision.trace.to_dict() == policy.decide("order", FACTS).trace.to_dict()


@pytest.mark.parametrize("name", pack_names())
def test_traces_kept_as_row_numbers_open_to_the_same_as_those_of_single_decisions(name: str) -> None:
    policy = load_policy(name)
    for stage in policy.stages:
        drawn = _pool(policy, stage)[:25]
        names = sorted({fact for facts in drawn for fact in facts})
        columns = {fact: [facts.get(fact) for facts in drawn] for fact in names}
        many = policy.decide_many(stage, columns)
        for at, facts in enumerate(drawn):
            kept, one = many.trace(at).to_dict(), policy.decide(stage, facts).trace.to_dict()
            kept["facts"].sort(key=lambda fact: fact["fact"])
            one["facts"].sort(key=lambda fact: fact["fact"])
            assert kept == one
            assert [step["table"] for step in kept["steps"]] == [t.name for t in policy.tables[stage]]
            for row in (row for step in kept["steps"] for row in step["rows"]):
                assert all("value" in each and each["holds"] for each in row["conditions"])
                assert all("value" in each and "source" in each for each in row["sets"])


def test_words_of_the_vocabulary_have_chinese_names() -> None:
    for name in (
        "grade",
        "kind",
        "category",
        "urgency",
        "component",
        "skills",
        "stock",
        "steps",
        "notify",
        "area",
    ):
        for word in VOCABULARY[name].values:
            assert word_zh(word) != word, word


def test_the_chinese_trace_names_what_the_words_mean_in_chinese() -> None:
    trace = load_policy("cn").decide("request", {"words": "电线掉在路上冒火花"}).trace
    shown = trace.to_text("zh")
    assert all(name in shown for name in ("火花", "掉落或断开", "险情"))
    condition = trace.to_dict()["steps"][0]["rows"][0]["conditions"][0]
    assert condition["wants_zh"] == "险情"
    assert "冒火＝火花" in condition["because_zh"].split("；")


def test_every_meaning_of_the_lexicon_has_a_chinese_name() -> None:
    known = {meaning for language in shipped_lexicon().languages for meaning in language.means}
    assert known <= set(shipped_lexicon().meanings.names_zh)
