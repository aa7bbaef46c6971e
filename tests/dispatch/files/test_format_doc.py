from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dispatch.files import plan_files, problem_files
from dispatch.ground import plan as plans
from dispatch.ground import problem as problems
from dispatch.judge.check import CODES, PARTS

KEYS = {**problem_files.KEYS, **plan_files.KEYS}


def table(text: str, title: str) -> set[str]:
    """First cells, where they are `keys`, of the table under a heading."""
    section = re.split(r"^#+ ", text.split(f"# {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "format.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("title", "record", "extra"),
    [
        ("The problem", problems.Problem, {"format"}),
        ("Travel", problems.Travel, set()),
        ("Costs", problems.Costs, set()),
        ("Job", problems.Job, set()),
        ("Block", problems.Block, set()),
        ("Crew", problems.Crew, set()),
        ("The plan", plans.Plan, {"format"}),
    ],
)
def test_every_key_is_documented_read_and_a_field(text: str, title: str, record: type, extra: set[str]):
    names = {field.name for field in fields(record)} | extra
    assert table(text, title) == names
    assert set(KEYS[record]) == names


@pytest.mark.parametrize(
    "record",
    [
        *(problems.After, problems.Break, problems.Previous, plans.Route, plans.Visit),
        *(plans.Rest, plans.Dropped, plans.Reason, plans.BlockTime, plans.Conflict),
    ],
)
def test_keys_of_small_records_are_named_in_the_text(text: str, record: type):
    for field in fields(record):
        assert f"`{field.name}`" in text


def test_parts_and_codes_are_documented(text: str):
    assert table(text, "Parts of the cost") == set(PARTS)
    assert table(text, "Violations") == set(CODES)
