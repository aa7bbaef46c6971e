"""An engine that dies takes nothing with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import GeoError
from geo.readers.apart import apart

MODULE = "tests.geo.dying"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("die", r"makes the engine break off \(signal 11\); the model is damaged"),
        ("leave", "makes the engine break off; the model is damaged"),
        ("refuse", "model.dss: line 2: is no model"),
    ],
)
def test_an_engine_that_dies_leaves_or_refuses_is_told_of_in_a_sentence(
    tmp_path: Path, word: str, said: str
) -> None:
    model = tmp_path / "model.dss"
    model.write_text(word)
    with pytest.raises(GeoError, match=said):
        apart(MODULE, model, "the engine")


def test_what_the_engine_made_comes_back(tmp_path: Path) -> None:
    model = tmp_path / "model.dss"
    model.write_text("a town")
    assert apart(MODULE, model, "the engine") == {"read": "a town"}
