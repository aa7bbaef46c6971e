"""Patterns match as regular expressions do, in time that grows with the text, and never explode."""

from __future__ import annotations

import itertools
import pickle
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.errors import CellError
from rules.pattern import Pattern


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("wires? down", "The WIRE down here", True),
        ("wires? down", "wired down", False),
        ("^no", "no power", True),
        ("^no", "there is no power", False),
        ("out$", "lights out", True),
        ("out$", "outage", False),
        (r"\d{2,3} (min|h)", "since 45 min", True),
        (r"\d{2,3} (min|h)", "since 4 min", False),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        (r"\Dx", "1x", False),
        (r"10\s*kv", "１０ｋＶ线路", True),
        ("停.?电", "停了电", True),
        ("a|b|", "zzz", True),
        ("(ab)+c", "ababc", True),
        (r"\.", "a.b", True),
    ],
)
def test_patterns_find_what_they_should(source: str, text: str, found: bool) -> None:
    assert Pattern(source).found_in(text) is found


@pytest.mark.parametrize(
    "source",
    ["", "(", ")", "a)", "(a", "*a", "a**", "a{2", "a{3,2}", "a{1,999}", "[z-a]", "[abc", "\\",
     "(?=a)", "(?P<x>a)", r"(a)\1", "((a{64}){64}){64}", "(" * 40 + ")" * 40, "x" * 501, "a$b"],
)  # fmt: skip
def test_patterns_that_cannot_be_matched_safely_are_refused(source: str) -> None:
    with pytest.raises(CellError):
        Pattern(source)


def test_the_pattern_that_explodes_elsewhere_is_quick_here() -> None:
    begun = time.process_time()
    assert not Pattern("(a+)+$b|(a|a)*c|(a*)*d").found_in("a" * 4000)
    assert time.process_time() - begun < 2


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "^", "$"]),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
            st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,3}"])).map(
                lambda p: f"(?:{p[0]}){p[1]}"
            ),
        ),
        max_leaves=6,
    ),
    st.text("abc", max_size=8),
)
def test_patterns_agree_with_the_library(source: str, text: str) -> None:
    try:
        pattern = Pattern(source)
    except CellError:
        assert not any(re.search(source, "".join(each)) for each in itertools.product("ab", repeat=4))
        return
    assert pattern.found_in(text) == (re.search(source.replace("$", r"\Z"), text) is not None)
    example = pattern.example()
    assert example is not None
    assert pattern.found_in(example)
    assert pickle.loads(pickle.dumps(pattern)).found_in(text) == pattern.found_in(text)


def test_an_empty_text_is_its_own_begin_and_end() -> None:
    assert Pattern("(?:a|$)(?:a|^)").found_in("")
    assert Pattern("$^").found_in("")
    assert not Pattern("a|(?:$a)").found_in("")
