"""What holds for every template: a page's own names reach the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, nodes

TEMPLATES = Path(__file__).resolve().parents[2] / "web" / "templates"
SCOPES = (nodes.With, nodes.Macro, nodes.Block, nodes.For, nodes.CallBlock, nodes.Scope)


def set_outside(tree: nodes.Node) -> list[str]:
    """Names that a template sets where all that stands in it can see them."""
    found: list[str] = []
    for node in tree.iter_child_nodes():
        if isinstance(node, nodes.Assign):
            found += [name.name for name in node.find_all(nodes.Name) if name.ctx == "store"]
        elif not isinstance(node, SCOPES):
            found += set_outside(node)
    return found


TEXTS = {path.name: path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")}
LAYOUTS = sorted(name for name, text in TEXTS.items() if "{% block" in text and "{% extends" not in text)


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_layout_sets_a_name_that_hides_a_page_s_own(name: str) -> None:
    tree = Environment(autoescape=True).parse(TEXTS[name])
    assert set_outside(tree) == []
