"""Words of other data stand for the vocabulary's values; what stands for none is named with what is near."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rules import VOCABULARY, load_policy
from rules.language.vocabulary_words import FILE, folded_word, meant, unknown_words
from rules.showing import cell_in

INDUSTRIES = VOCABULARY["industry"].values


@pytest.mark.parametrize(
    "word",
    [
        "hospital",
        "Hospital",
        "HOSPITAL",
        "医院",
        "醫院",
        "ｈｏｓｐｉｔａｌ",
        " hospital ",
        "hospitals",
        "Krankenhaus",
        "hospitales",
    ],
)
def test_a_hospital_is_a_hospital_however_it_is_written(word: str) -> None:
    outcome = load_policy("cn").decide("customer", {"industry": word}).outcome
    assert (outcome["grade"], outcome["weight"]) == ("second", 40)


def test_a_column_is_read_as_a_value_alone() -> None:
    policy = load_policy("cn")
    words = ["医院", "Hospital", "hospitl", "商铺", None, "data centre", "Data-Center"]
    many = policy.decide_many("customer", {"industry": words})["grade"]
    assert list(many) == [policy.decide("customer", {"industry": each}).outcome["grade"] for each in words]


def test_an_unknown_word_is_named_with_its_count_and_what_is_near() -> None:
    counts = {"hospitl": 3, "医院": 8, "Hospital": 1, "市人民医院分院": 1, "zzz": 5}
    found = unknown_words("industry", INDUSTRIES, counts)
    assert [(each.word, each.count) for each in found] == [("zzz", 5), ("hospitl", 3), ("市人民医院分院", 1)]
    assert found[1].nearest[0] == "hospital"
    assert found[2].nearest[0] == "hospital"
    assert found[0].nearest == ()


def test_every_word_stands_for_one_value_of_its_fact() -> None:
    for name, by_value in YAML(typ="safe").load(FILE.read_text(encoding="utf-8")).items():
        fact = VOCABULARY[name]
        assert fact.open
        seen: dict[str, str] = {}
        for value, words in by_value.items():
            assert value in fact.values
            for word in words:
                assert seen.setdefault(folded_word(str(word)), value) == value, word
                assert meant(name, fact.values, str(word)) == value, word


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_every_industry_is_known_in_chinese(industry: str) -> None:
    by_value = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["industry"]
    assert any(not str(word).isascii() for word in by_value[industry])


def test_every_coded_word_in_the_tables_of_a_pack_has_a_chinese_name(root: Path) -> None:
    units = {"min", "year"}
    left = {
        (path.name, cell.fact.name, found)
        for path in (root / "rules" / "packs").glob("*.yaml")
        if path.name.count(".") == 1
        for tables in load_policy(path).tables.values()
        for table in tables
        for row in table.every_row()
        for cell in (*row.conditions, *row.settings)
        if cell.fact.type not in ("text", "texts") and not cell.text.startswith("cel:")
        for found in re.findall(r"(?<![@\w])[a-z][a-z_]{2,}", cell_in(cell.text, cell.fact, "zh"))
        if found not in units
    }
    assert left == set()
