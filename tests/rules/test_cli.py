"""`gridcrew rules`: what it prints and with which status it ends."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rules import load_policy
from rules.cli import add_arguments, run

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def rules(capsys: pytest.CaptureFixture[str]) -> Command:
    def call(*words: object) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        status = run(parser.parse_args([str(word) for word in words]))
        out = capsys.readouterr()
        return status, out.out + out.err

    return call


def test_lint_passes_all_packs_and_counts_their_figures(rules: Command) -> None:
    status, said = rules("lint", "cn", "csg", "gb", "us")
    assert status == 0
    assert said.count(": 0 errors, ") == 4
    assert "unverified" in said


def test_lint_ends_with_one_on_errors(rules: Command, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("policy: t\nstages: {order: [{table: t, rows: [{if: {areaa: urban}}]}]}\n")
    status, said = rules("lint", wrong)
    assert status == 1
    assert "wrong.yaml 2:42: unknown fact 'areaa'; did you mean 'area'?" in said


def test_test_tries_the_cases(rules: Command) -> None:
    status, said = rules("test", "us")
    assert status == 0
    assert "us.frozen.cases.yaml" in said


def test_new_starts_a_policy_of_ones_own_with_its_cases(rules: Command, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    status, said = rules("new", "--from", "gb", mine)
    assert status == 0
    assert "critical customers" in said
    assert load_policy(mine).name == "mine"
    assert rules("test", mine)[0] == 0
    assert rules("lint", mine)[0] == 0
    status, said = rules("new", mine)
    assert status == 2
    assert "mine.yaml, mine.cases.yaml, mine.frozen.cases.yaml exists already" in said


def test_explain_runs_all_stages_that_the_facts_feed(rules: Command) -> None:
    status, said = rules("explain", "cn", "words=sparks at the pole", "industry=hospital", "sources=2")
    assert status == 0
    for stage in ("customer", "request", "order"):
        assert f"stage {stage}" in said
    assert "class = P1" in said
    status, said = rules(
        "explain", "cn", "--stage", "customer", "--facts", "industry=hospital", "--format", "json"
    )
    assert json.loads(said)[0]["stage"] == "customer"
    assert rules("explain", "cn", "wordz=x") == (2, "unknown fact 'wordz'; did you mean 'words'?\n")


def test_diff_says_which_requests_change(rules: Command, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    rules("new", mine)
    text = mine.read_text(encoding="utf-8")
    mine.write_text(
        text.replace("customers_out: 100..}, then: {class: P2}", "customers_out: 50..}, then: {class: P2}")
    )
    requests = tmp_path / "requests.csv"
    requests.write_text(
        "id,words,area,customers_out\nR1,no power,urban,60\nR2,no power,urban,20\nR3,家里停电,rural,500\n",
        encoding="utf-8",
    )
    status, said = rules("diff", "cn", mine, "--requests", requests)
    assert status == 0
    assert "R1: class P3 -> P2" in said
    assert "1 of 3 requests change: class 1" in said


def test_diff_hands_both_policies_to_whoever_knows_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requests = tmp_path / "requests.json"
    requests.write_text('[{"id": "R1", "words": "no power"}]')
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(["diff", "cn", "csg", "--requests", str(requests)])
    assert run(args, plan_effect=lambda old, new, language: f"{old.name} {new.name} {language}") == 0
    said = capsys.readouterr().out
    assert "R1: promised restoration 225 min -> 285 min" in said
    assert said.endswith("cn csg en\n")


def test_facts_lists_the_vocabulary_in_both_languages(rules: Command) -> None:
    assert "customers without" not in rules("facts")[1]
    assert "customers out, integer [customers]" in rules("facts")[1]
    assert "停电户数" in rules("facts", "--lang", "zh")[1]
    assert "severe_category" in rules("facts", "gb")[1]


def test_export_and_import_bring_a_policy_round(rules: Command, tmp_path: Path) -> None:
    book, back = tmp_path / "cn.xlsx", tmp_path / "back.yaml"
    assert rules("export", "cn", book)[0] == 0
    assert rules("import", book, back)[0] == 0
    assert load_policy(back).version == load_policy("cn").version


def test_fairness_reads_a_table(rules: Command, tmp_path: Path) -> None:
    table = tmp_path / "day.csv"
    table.write_text("customers,wait_min,grade,area,class\n10,60,ordinary,urban,P3\n1,30,first,urban,P2\n")
    status, said = rules("fairness", table)
    assert status == 0
    assert "by grade" in said
    table.write_text("customers,wait_min\nten,60\n")
    assert rules("fairness", table)[0] == 2


def test_files_that_are_not_there_are_bad_input(rules: Command, tmp_path: Path) -> None:
    for words in (["test", "none.yaml"], ["diff", "cn", "cn", "--requests", tmp_path / "none.csv"]):
        status, said = rules(*words)
        assert status == 2
        assert "cannot be read" in said
