"""Cases beside a policy hold, and catch edits that nobody meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules import PolicyError, load_policy, pack_names, pack_path
from rules.checks.boundaries import cases_text
from rules.checks.cases import cases_paths, frozen_path, load_cases, run_cases
from rules.checks.mutate import mutate, share_caught


def pack(name: str) -> Path:
    path = pack_path(name)
    assert path is not None
    return path


@pytest.mark.parametrize("name", pack_names())
def test_cases_of_the_packs_hold(name: str) -> None:
    policy = load_policy(name)
    for path in cases_paths(pack(name)):
        assert [failure.show() for failure in run_cases(policy, load_cases(path, policy))] == []
    assert len(cases_paths(pack(name))) == 2


def test_frozen_cases_are_those_that_would_be_drawn_today() -> None:
    assert frozen_path(pack("us")).read_text(encoding="utf-8") == cases_text(load_policy("us"))


def test_a_case_that_fails_shows_what_differs_and_the_trace(tmp_path: Path) -> None:
    path = tmp_path / "x.cases.yaml"
    path.write_text(
        "cases:\n  - {case: hospitals, stage: customer, given: {industry: hospital}, expect: {grade: vip}}\n"
    )
    policy = load_policy("cn")
    (failure,) = run_cases(policy, load_cases(path, policy))
    assert failure.show().startswith("2:5 hospitals\n  grade: expected vip, got second\n  Policy cn version")


def test_faults_of_a_cases_file_are_listed_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "x.cases.yaml"
    path.write_text(
        "cases:\n"
        "  - {stage: custmer, expect: {}}\n"
        "  - {stage: order, given: {areaa: urban}, expect: {}}\n"
        "  - {stage: order, given: {area: urbn}, expect: {}}\n"
        "  - {stage: order, giver: {}, expect: {}}\n"
        "  - nothing\n"
    )
    with pytest.raises(PolicyError) as caught:
        load_cases(path, load_policy("cn"))
    assert [str(fault) for fault in caught.value.faults] == [
        "x.cases.yaml 2:13: unknown stage 'custmer'; did you mean 'customer'?",
        "x.cases.yaml 3:28: unknown fact 'areaa'; did you mean 'area'?",
        "x.cases.yaml 4:34: fact 'area' is 'urbn'; must be one of urban, rural, remote",
        "x.cases.yaml 5:20: unknown key 'giver' in a case; did you mean 'given'?",
        "x.cases.yaml 6:5: a case is a mapping with stage, given and expect",
    ]


def test_random_edits_are_caught() -> None:
    edits = mutate(pack("us"), cases_paths(pack("us")), 24, seed=3)
    assert share_caught(edits) > 0.95
    assert {edit.kind for edit in edits} == {"bound moved", "row dropped", "name misspelt"}
    assert edits[:3] == mutate(pack("us"), cases_paths(pack("us")), 3, seed=3)
