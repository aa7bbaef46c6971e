"""Breaking texts into lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dispatch.sheets.wrapping import NEVER_FIRST, wrap


def measure(text: str) -> float:
    return float(sum(2 if letter > "\u2e80" else 1 for letter in text))


def test_latin_breaks_at_spaces_and_chinese_anywhere() -> None:
    assert wrap("no power since six", 10, measure) == ["no power", "since six"]
    assert wrap("家里停电了", 4, measure) == ["家里", "停电", "了"]


def test_punctuation_never_begins_a_line() -> None:
    assert wrap("先警戒，先做", 6, measure) == ["先警", "戒，先", "做"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert wrap("abcdefgh", 3, measure) == ["abc", "def", "gh"]


def test_an_empty_text_is_one_empty_line() -> None:
    assert wrap("", 5, measure) == [""]


def test_line_ends_of_the_text_stay() -> None:
    assert wrap("a\nb", 9, measure) == ["a", "b"]


@given(st.text(alphabet="ab ，。家里停电.(\n", max_size=60), st.integers(min_value=8, max_value=30))
def test_nothing_but_blanks_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = wrap(text, width, measure)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        tail = line.rstrip(NEVER_FIRST)
        assert measure(line) <= width or len(tail) <= width


def test_a_chinese_comma_stays_behind_a_latin_word() -> None:
    lines = wrap("途经Los Aromos、Zorrilla、El Brillador", 19, len)
    assert all(line[0] not in NEVER_FIRST for line in lines)
    assert "".join(lines).replace(" ", "") == "途经LosAromos、Zorrilla、ElBrillador"
