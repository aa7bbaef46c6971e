"""Whatever is wrong with a policy on its way in is said in Chinese as well as in English."""

from __future__ import annotations

import argparse
import datetime as dt
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rules import PolicyError, PolicyFault, load_calendar, load_policy, policy_from_text
from rules.checks.cases import cases_from_node
from rules.checks.checking import MOST_BYTES, check
from rules.checks.comparing import read_requests
from rules.cli import add_arguments, run
from rules.errors import CellError
from rules.excel import write_workbook
from rules.yamlfile import read_yaml

HAN = re.compile(r"[\u4e00-\u9fff]")
QUOTED = re.compile(r"'([^']+)'")
HEAD = "policy: t\nsources: {s: {title: made up, mark: unverified}}\nstages:\n  order:\n"
MANY = f"lists: {{many: [{', '.join(f'w{n}' for n in range(2001))}]}}\n"


def table(text: str) -> str:
    return f"{HEAD}    - {{table: t, {text}}}\n"


def row(condition: str, then: str = "drop_cost: 1") -> str:
    return f"{HEAD}    - table: t\n      rows:\n        - {{if: {{{condition}}}, then: {{{then}}}}}\n"


def two_tables(first: str, second: str) -> str:
    return f"{HEAD}    - {{table: a, rows: [{first}]}}\n    - {{table: b, rows: [{second}]}}\n"


CONDITIONS = [
    "area: urbn", "area: has urban", "area: /urb/", "area: '@towns'", "area: [[urban]]",
    "area: 'not missing, urban'",
    "area: 'cel: true'", "confirmed: perhaps", "skills: hv", "skills: has hvv", "stock: 5",
    "words: '/no'", "words: has", "customers_out: many", "customers_out: 5 kV",
    "customers_out: 2.5", "customers_out: 9..5", "customers_out: ..", "customers_out: 1e99", "hour: 24..",
    "hour: 3 h", "drop_cost: ..<0", "areaa: urban", "area.custmers_out: 5", "cel: ''", "cel: 'area =='",
    "cel: 'customers_ot > 3.0'", "cel: 'customers_out * 2 > 3.0'", "cel: 'customers_out + 3.0'",
    "cel: 'skills.exists(x, x == area)'", f"cel: '{'(' * 30}true{')' * 30}'",
]  # fmt: skip
PATTERNS = [
    "(", ")", "*", "a**", "a{x}", "a{9,2}", "(?=a)", "[a", r"\b", r"[\W]", "[z-a]", "a$b", "((a{64}){64})",
    "(" * 21 + ")" * 21, "x" * 501,
]  # fmt: skip
OUTCOMES = [
    "class: P6", "drop_cost: -1", "drop_cost: many", "crews_needed: 1.5", "promise_arrive_min: 45 kV",
    "skills: [hv, lvv]", "skills: {cel: 'area'}", "stock: {fuze: 2}", "stock: fuse", "stock: {fuse: -1}",
    "drop_cost: {cel: 'area'}", "drop_cost: ", "callback: perhaps", "clas: P1",
]  # fmt: skip
POLICIES = [
    "", "- a\n", "policy: [", "policy: \x00\n", "a: &a x\n", "a: *b\n", "a: !!x y\n", "[" * 20, "policy: t\n",
    "policy: a\npolicy: b\n", "policy: a\n---\npolicy: b\n", "? [a, b]\n: c\n", "stages: []\npolicy: t\n",
    "policy: t\ncalender: cn\nsources: x\nstages: {ordr: [], order: 1}\n",
    "policy: {a: b}\ncalendar: cm\nsources: {a: x, s: {title: x, mark: maybe}}\nstages: {}\n",
    "calendar: {hour: x, from: cm, hours: ['9 to 5'], years: {2026: {holidays: {13-40: x}}}}\nstages: {}\n",
    "policy: t\nlists: {none: []}\nstages: {order: [x, {tabel: t}]}\n",
    "facts: {Beds: {}, area: {}, beds: x, bets: {type: numbr, en: a, zh: b}, rooms: {type: number, unit: kWW,"
    " en: a, zh: b, low: x, given: [ordr]}}\npolicy: t\nstages: {}\n",
    table("hit: frist, gaps: some, source: ss, rows: [x, {iff: {}}, {if: x}, {then: x}]"),
    table("rows: {}, otherwise: {if: {area: urban}}"),
    table("hit: collect sum, rows: [{then: {class: P1}}]"),
    table("hit: collect list, rows: [{then: {drop_cost: 1}}]"),
    HEAD + "    - {table: Bad Name, rows: []}\n    - {table: t, rows: []}\n    - {table: t, rows: []}\n",
    HEAD + "    - table: t\n      rows:\n" + "        - {then: {}}\n" * 5001,
    two_tables("{if: {tier: 1}, then: {class: P1}}", "{if: {class: P1}, then: {tier: 1}}"),
    two_tables("{if: {tier: 1}, then: {class: P1}}", "{if: {area: urban}, then: {tier: 1}}"),
    two_tables("{if: {tier: 1}, then: {tier: 0}}", "{if: {remote: yes}, then: {class: P1}}"),
    MANY + row("words: has @many"),
    *map(row, CONDITIONS),
    *(row(f"words: '/{pattern}/'") for pattern in PATTERNS),
    *(row("area: urban", then) for then in OUTCOMES),
]  # fmt: skip
CASES = [
    "x: 1\n",
    "cases: [x, {stage: custmer, expect: {}}, {stage: order, giver: {}, expect: x}]\n",
    "cases: [{stage: order, given: {areaa: urban, area: urbn}, expect: {}}]\n",
    "cases: [{stage: order, each: {hour: [25]}, expect: {callback: perhaps}}]\n",
]
SHEETS: list[tuple[str, str, Any]] = [
    ("cost", "A1", "if bedds"), ("cost", "A1", "bedds"), ("cost", "A2", "=1+1"), ("cost", "A2", "manny"),
    ("cost", "A2", dt.datetime(2026, 1, 1)), ("cost", "A2", "#REF!"), ("cost", "CZ1", "x"),
    ("tables", "J2", "cots"), ("tables", "B1", "tabel"), ("policy", "A2", "policey"),
]  # fmt: skip
SMALL = """\
policy: small
sources: {s: {title: made up, mark: unverified}}
facts: {beds: {type: integer, en: beds, zh: 床位, low: 0, given: [order]}}
stages: {order: [{table: cost, source: s, rows: [{if: {beds: "> 100"}, then: {drop_cost: 5.5}}]}]}
"""


def faults_of(read: Callable[[], Any]) -> tuple[PolicyFault, ...]:
    with pytest.raises(PolicyError) as caught:
        read()
    return caught.value.faults


def workbook(path: Path, change: Callable[[Any], None] = lambda _: None) -> Path:
    write_workbook(read_yaml(SMALL, "small.yaml"), SMALL, path)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def put(sheet: str, cell: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet][cell].value = value
        if value == "#REF!":
            book[sheet][cell].data_type = "e"

    return change


def assert_said_in_both(faults: tuple[PolicyFault, ...]) -> None:
    """Every fault has Chinese of its own, with every value that the English quotes."""
    assert faults
    for fault in faults:
        assert HAN.search(fault.zh), fault.text
        assert not HAN.search(fault.text), fault.text
        assert "did you mean" not in fault.zh
        for value in QUOTED.findall(fault.text):
            assert value in fault.zh, (fault.text, fault.zh)


@pytest.mark.parametrize("text", POLICIES, ids=range(len(POLICIES)))
def test_every_fault_of_a_yaml_policy_has_chinese(text: str) -> None:
    assert_said_in_both(faults_of(lambda: policy_from_text(text)))


def test_a_file_of_too_many_values_is_refused_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.yamlfile.MOST_NODES", 5)
    assert_said_in_both(faults_of(lambda: policy_from_text("[1, 2, 3, 4, 5]")))


@pytest.mark.parametrize("text", CASES, ids=range(len(CASES)))
def test_every_fault_of_a_file_of_cases_has_chinese(text: str) -> None:
    policy = load_policy("cn")
    assert_said_in_both(faults_of(lambda: cases_from_node(read_yaml(text, "x"), "x", policy)))


@pytest.mark.parametrize(("sheet", "cell", "value"), SHEETS)
def test_every_fault_of_a_workbook_has_chinese(sheet: str, cell: str, value: Any, tmp_path: Path) -> None:
    path = workbook(tmp_path / "small.xlsx", put(sheet, cell, value))
    assert_said_in_both(faults_of(lambda: load_policy(path)))


@pytest.mark.parametrize(("sheet", "column"), [("tables", 10), ("tables", 2), ("policy", 2)])
def test_a_workbook_that_lacks_a_column_is_a_policy_or_a_list_of_faults(
    sheet: str, column: int, tmp_path: Path
) -> None:
    def drop(book: Any) -> None:
        book[sheet].delete_cols(column)

    try:
        load_policy(workbook(tmp_path / "small.xlsx", drop))
    except PolicyError as error:
        assert_said_in_both(error.faults)


def test_a_line_of_tables_without_a_name_is_a_fault(tmp_path: Path) -> None:
    def clear(book: Any) -> None:
        book["tables"]["B2"].value = book["tables"]["J2"].value = None

    (fault,) = faults_of(lambda: load_policy(workbook(tmp_path / "small.xlsx", clear)))
    assert fault.line() == "small.xlsx tables!A2: names no table"
    assert fault.line("zh") == "small.xlsx tables!A2: 没有写明表名"


def test_files_that_are_no_policies_are_refused_in_chinese(tmp_path: Path) -> None:
    big, latin, calendar = (tmp_path / f"{name}.yaml" for name in ("big", "latin", "calendar"))
    big.write_text("a: " + "x" * 4_000_001)
    latin.write_bytes("policy: 国".encode("gb18030"))
    calendar.write_text("- x\n")
    missing = workbook(tmp_path / "missing.xlsx", lambda book: book.remove(book["policy"]))
    macros = workbook(tmp_path / "macros.xlsx")
    with zipfile.ZipFile(macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    bomb, cut = tmp_path / "bomb.xlsx", tmp_path / "cut.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    with zipfile.ZipFile(cut, "w") as archive:
        archive.writestr("x", b"x")
    old = tmp_path / "old.xlsm"
    old.write_bytes(b"PK")
    paths = (
        big,
        latin,
        tmp_path,
        tmp_path / "none.yaml",
        tmp_path / "none.xlsx",
        missing,
        macros,
        bomb,
        cut,
        old,
    )
    for path in paths:
        assert_said_in_both(faults_of(lambda path=path: load_policy(path)))
    assert_said_in_both(faults_of(lambda: load_calendar("calendar.yaml", tmp_path)))
    requests = tmp_path / "requests.json"
    requests.write_text("{}")
    assert_said_in_both(faults_of(lambda: read_requests(requests)))


def test_a_file_that_is_not_even_tried_is_refused_in_chinese() -> None:
    today = dt.date(2026, 3, 2)
    assert_said_in_both(check("mine.doc", b"", "", today).faults)
    assert_said_in_both(check("mine.yaml", b" " * (MOST_BYTES + 1), "", today).faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (row("area: urbn"), "policy.yaml 7:23: “urbn”不是“area”的可用取值；是否应为“urban”？"),
        (row("hour: 24.."), "policy.yaml 7:23: “24..”超出“hour”的取值范围（0至23）"),
        (row("area: urban", "drop_cost: -1"), "policy.yaml 7:49: “drop_cost”的值为“-1.0”，须为不小于0的数"),
        (row("custmers_out: 5"), "policy.yaml 7:17: 未知的事实“custmers_out”；是否应为“customers_out”？"),
        (
            two_tables("{if: {tier: 1}, then: {class: P1}}", "{if: {area: urban}, then: {tier: 1}}"),
            "policy.yaml 5:7: 表“a”读取“tier”，但它由下方的表“b”设定，请将“b”上移",
        ),
    ],
)
def test_a_fault_reads_as_a_chinese_sentence(text: str, said: str) -> None:
    (fault,) = faults_of(lambda: policy_from_text(text))
    assert fault.line("zh") == said


def test_the_count_of_faults_is_told_in_chinese_too() -> None:
    rows = ", ".join(["{if: {areaa: urban}}"] * 61)
    with pytest.raises(PolicyError) as caught:
        policy_from_text(table(f"rows: [{rows}]"))
    assert caught.value.said("en").endswith("... and 11 more\n61 faults")
    assert caught.value.said("zh").endswith("……另有11项\n共61项问题")


def test_errors_come_whole_from_another_process() -> None:
    cell = pickle.loads(pickle.dumps(CellError("one", "一")))
    assert (str(cell), cell.said("zh")) == ("one", "一")
    fault = PolicyFault(file="x.yaml", place="1:1", text="is empty", zh="内容为空")
    assert pickle.loads(pickle.dumps(PolicyError([fault]))).faults == (fault,)


@pytest.mark.parametrize("command", ["lint", "test", "explain"])
def test_the_command_line_names_faults_in_the_language_asked_for(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(row("areaa: urban"))
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args([command, str(path), "--lang", "zh"])) > 0
    shown = capsys.readouterr()
    assert "mine.yaml 7:17: 未知的事实“areaa”；是否应为“area”？\n共1项问题\n" in shown.out + shown.err


def test_a_case_that_fails_says_in_chinese_what_was_expected(tmp_path: Path) -> None:
    cases = "cases: [{stage: customer, given: {industry: hospital}, expect: {grade: vip}}]\n"
    text = load_policy("cn").text
    found = check("mine.yaml", text.encode(), cases, dt.date(2026, 3, 2), "zh")
    assert "grade：应为vip（大客户），实为second（二级重要）" in found.failures[0]
