"""Under which name an answer is saved: names of crews and policies are written in any script."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Response

import web
from web.server.transfer import named


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("crew-1.pdf", "attachment; filename=crew-1.pdf"),
        (
            "抢修一班.pdf",
            "attachment; filename=.pdf; filename*=UTF-8''%E6%8A%A2%E4%BF%AE%E4%B8%80%E7%8F%AD.pdf",
        ),
        ("Año.yaml", "attachment; filename=Ano.yaml; filename*=UTF-8''A%C3%B1o.yaml"),
    ],
)
def test_a_name_in_any_script_fits_into_the_head(name: str, told: str) -> None:
    assert named(Response("x"), name).headers["Content-Disposition"] == told


def test_a_name_brings_no_line_of_its_own_into_the_head() -> None:
    told = named(Response("x"), 'a"b\r\nSet-Cookie: x=1; 班.pdf', inline=True).headers["Content-Disposition"]
    assert told.startswith("inline; ")
    assert "\r" not in told
    assert "\n" not in told
    told.encode("latin-1")


def test_names_are_told_in_one_place_alone() -> None:
    root = Path(web.__file__).parent
    said = {path.name for path in root.rglob("*.py") if "Content-Disposition" in path.read_text("utf-8")}
    assert said == {"transfer.py"}
