"""Columns of the customers' table as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dispatch.ground.case import Coded, Customers


def customers(areas: list[str | None]) -> Customers:
    index = [f"C{n}" for n in range(len(areas))]
    return Customers(table=pd.DataFrame({"area": areas, "transformer": areas}, index=index))


def test_the_most_common_word_is_the_first_of_several_as_common() -> None:
    areas = customers(["urban", "rural", "urban", "rural", None, "remote"]).areas
    assert areas.most_common(np.arange(6)) == "rural"
    assert areas.most_common(np.array([0, 2, 3])) == "urban"
    assert areas.most_common(np.array([4])) is None
    assert areas.most_common(np.array([], dtype=np.int64)) is None


def test_words_come_once_each_in_the_order_of_their_rows() -> None:
    found = customers(["b", "a", None, "b", "c"]).transformers
    assert found.in_order(np.array([3, 2, 1, 0])) == ("b", "a")
    assert found.in_order(np.arange(5)) == ("b", "a", "c")
    assert Coded(code=np.array([], dtype=np.int64), words=()).in_order(np.array([], dtype=np.int64)) == ()


def test_counting_agrees_with_pandas_on_random_columns() -> None:
    random = np.random.default_rng(4)
    for _ in range(20):
        words = [None if w == 3 else "xyz"[w] for w in random.integers(0, 4, 30)]
        rows = random.integers(0, 30, 12)
        given = customers(words)
        column = pd.Series(words).iloc[rows]
        assert given.areas.most_common(rows) == (None if column.isna().all() else column.mode().iloc[0])
        assert given.areas.in_order(rows) == tuple(column.dropna().unique())


def test_a_customers_facts_are_plain_values_and_empty_cells_are_none() -> None:
    table = pd.DataFrame(
        {"name": ["Ana", None], "sources": [1, 2], "welfare": [True, False], "kwh": [2.5, np.nan]},
        index=["C0", "C1"],
    )
    known = Customers(table=table.astype({"name": "str"}))
    assert known.facts("C0") == {"name": "Ana", "sources": 1, "welfare": True, "kwh": 2.5}
    assert [type(each) for each in known.facts("C0").values()] == [str, int, bool, float]
    assert known.facts("C1") == {"name": None, "sources": 2, "welfare": False, "kwh": None}
    assert (known.fact("C0", "name"), known.fact("C1", "name"), known.fact("C0", "phone")) == (
        "Ana",
        None,
        None,
    )
    with pytest.raises(KeyError):
        known.facts("C2")
