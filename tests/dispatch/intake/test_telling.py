"""Whatever the intake says of somebody's files it says in Chinese too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.ground.brought import Repair
from dispatch.ground.errors import Fault
from dispatch.intake.telling import fault_told, repair_told, told
from dispatch.intake.telling.sentences import CHINESE, TABLES

HAN = re.compile("[\u4e00-\u9fff]")
FIELD = re.compile(r"\{[^{}]*\}")
SAYS = [
    *("dispatch/ground/brought.py", "dispatch/ground/errors.py", "geo/frames.py"),
    *("dispatch/cli/bringing.py", "dispatch/cli/night.py", "dispatch/cli/to_server.py"),
    *("dispatch/indices/interruptions.py", "dispatch/indices/records.py", "dispatch/live/standing/upload.py"),
]
SILENT = {
    *("schema.py", "document.py", "template.py", "made_up.py", "made_up_day.py", "headings.py", "values.py"),
    *("chinese_of_cells.py", "chinese_of_files.py", "sentences.py", "from_grid.py"),
}
"""Words of a schema, of a document or of other languages."""
# ruff: noqa: E501 (patterns)
NOT_SAID = (
    r"^<|^\^|\\d|\\s|\(\?|^#|^(?:a|Bearer|gridcrew|a file that|a file broke|Synthetic|Customers |Drives |Grid: | The grid)\b",
    r"^[a-zà-ÿ-]+(?: [a-zà-ÿ-]+){0,2}$",
    r"^\{\}: (?:digits|units|where|values|values: \{\}|columns: '\{\}'|key '\w+'|key '\{\}')$|^tables: (?:'\{\}'|\{\}:)$",
    r"^\{\}(?: \w+| \{\})?$|; everything else made up|用户、班组|^电网",
)
"""Patterns, comments, names of things, places within a mapping, what an example city is called."""
PARTS = {
    "must be {} {}{}",
    "is the same in every cell as row ",
    "{} fault{}",
    " is {}",
    ", zone before the easting",
    "'{}': {} of {}",
    "units behind the number taken off{}",
    "CGCS2000 / 3-degree Gauss-Kruger CM {}E{} (EPSG:{})",
}
"""Of a sentence that the table has whole."""


def sentences(root: Path) -> Iterator[tuple[str, str]]:
    """Every text of the intake that a person may read, with where it stands; its fields as {}."""
    files = [*(root / "dispatch" / "intake").rglob("*.py"), *(root / name for name in SAYS)]
    for path in sorted(files):
        if path.name in SILENT:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped = _no_texts(tree)
        for node in ast.walk(tree):
            text = "" if id(node) in skipped else _written(node)
            if " " in text.strip() and re.search("[a-z]{2}", text) and not _is_silent(text):
                yield f"{path.name}:{getattr(node, 'lineno', 0)}", text


def _no_texts(tree: ast.AST) -> set[int]:
    """Docstrings, texts within other texts, what a column of a schema means, and errors of ours."""
    found: set[int] = set()
    for node in ast.walk(tree):
        inner: list[ast.AST] = []
        match node:
            case ast.Expr(value=ast.Constant()):
                inner = [node.value]
            case ast.JoinedStr():
                inner = [each for each in ast.walk(node) if each is not node]
            case ast.keyword(arg="meaning" | "example" | "name" | "help" | "metavar"):
                inner = list(ast.walk(node.value))
            case ast.Call(func=ast.Name(id="Column" | "Table" | "AssertionError" | "iter" | "compile")):
                inner = list(ast.walk(node))
            case ast.Assign(targets=[ast.Name(id="MONTHS")]) | ast.AnnAssign(target=ast.Name(id="MONTHS")):
                inner = list(ast.walk(node))
        found.update(map(id, inner))
    return found


def _written(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return FIELD.sub("{}", node.value) if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return ""


def _is_silent(text: str) -> bool:
    return any(re.search(each, text) for each in NOT_SAID) and not TABLES[CHINESE].get(text)


def test_every_sentence_of_the_intake_has_chinese(root: Path) -> None:
    lacking = [
        f"{place}: {text!r}"
        for place, text in sentences(root)
        if text not in PARTS and not HAN.search(told(text.replace("{}", "7"), CHINESE))
    ]
    assert not lacking, "\n".join(lacking)


def test_every_chinese_sentence_has_the_fields_of_the_english() -> None:
    for english, chinese in TABLES[CHINESE].items():
        assert sorted(FIELD.findall(english)) == sorted(FIELD.findall(chinese)), english
        assert HAN.search(chinese) or not re.search("[a-z]{3}", FIELD.sub("", chinese)), english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("row 12, column 'lon'", "第 12 行“lon”列"),
        ("there is no transformer 'T9'; did you mean 'T1'?", "没有配变“T9”；是否应为“T1”？"),
        ("column 'customer': there is no customer 'C9'", "“customer”列：没有用户“C9”"),
        ("row 8, column 'lon': 'x' is not a number", "第 8 行“lon”列：“x”不是数字"),
        (
            "transformer <- 台区, because 98% of its cells are transformers",
            "transformer <- 台区，因为其中 98% 的单元格是配变",
        ),
        ("row of totals left out", "合计行已略去"),
        ("'is empty' is unknown", "没有“is empty”这个取值"),
        ("somebody's own words; and others", "somebody's own words; and others"),
    ],
)
def test_a_sentence_is_turned_and_what_somebody_wrote_stays(english: str, chinese: str) -> None:
    assert told(english, "zh-CN") == chinese
    assert told(english, "en") == english


def test_a_fault_and_a_repair_are_told_with_their_places_and_examples() -> None:
    fault = fault_told(
        Fault(file="用户.xlsx", place="row 3, column 'lat'", text="is empty; a value is required"), "zh"
    )
    assert str(fault) == "用户.xlsx: 第 3 行“lat”列: 为空，此项必填"
    repair = Repair(
        what="full-width characters read as ordinary ones",
        count=1200,
        examples=("row 2, column 'id': '１' is 1",),
    )
    assert repair_told(repair, "zh-CN") == "全角字符按半角读取: 1,200 (第 2 行“id”列：“１”读作 1; ...)"


def test_long_hostile_texts_are_told_at_once() -> None:
    text = "'" + "; is " * 700 + "' is unknown"
    assert told(text, "zh-CN")
