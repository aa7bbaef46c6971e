"""Customers are found by every word of what a call-taker types."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from web.day.lookup import Texts

LINES = st.lists(st.text(alphabet="ab 1\n", max_size=12), max_size=12)
WORDS = st.lists(st.text(alphabet="ab1", min_size=1, max_size=3), min_size=1, max_size=3)


@given(LINES, WORDS, st.integers(1, 5))
def test_the_first_rows_that_hold_every_word_are_found(lines: list[str], words: list[str], most: int) -> None:
    texts = pd.Series(lines, index=[f"C{n}" for n in range(len(lines))], dtype=object)
    held = [n for n, line in enumerate(lines) if all(word in " ".join(line.splitlines()) for word in words)]
    assert Texts.of(texts).rows_with(words, most) == held[:most]


def test_a_word_does_not_reach_over_into_the_next_customer() -> None:
    texts = Texts.of(pd.Series(["elm street", "oak lane"], index=["C1", "C2"]))
    assert texts.rows_with(["tree"], 8) == [0]
    assert texts.rows_with(["toak"], 8) == []
    assert texts.rows_with(["lane", "elm"], 8) == []
