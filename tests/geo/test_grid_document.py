"""The document says what the code does."""

from __future__ import annotations

import re

import pytest

from geo.schema import TABLES, as_markdown


@pytest.mark.parametrize("table", TABLES)
def test_document_has_every_column_as_the_code_has_it(root, table):
    assert as_markdown(table) in (root / "docs" / "grid.md").read_text(encoding="utf-8")


def test_document_names_every_kind_of_fault(root):
    code = (root / "geo" / "grid" / "validation.py").read_text(encoding="utf-8")
    text = (root / "docs" / "grid.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z-]+)` \| (?:error|warning)", text, re.M))
    used = set(re.findall(r'"([a-z]+(?:-[a-z]+)+|loop|island)"', code))
    assert named == used
