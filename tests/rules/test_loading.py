"""What is wrong with a policy is said all at once, with place and suggestion; hostile files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules import PolicyError, load_policy, policy_from_text

HEAD = "policy: t\nsources: {s: {title: made up, mark: unverified}}\nstages:\n  order:\n"


def faults(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        policy_from_text(text, "cn.yaml")
    return [str(fault) for fault in caught.value.faults]


def row(condition: str, then: str = "drop_cost: 1") -> str:
    return f"{HEAD}    - table: t\n      rows:\n        - {{if: {{{condition}}}, then: {{{then}}}}}\n"


def test_an_unknown_fact_is_named_with_line_column_and_suggestion() -> None:
    assert faults(row("outage.custmers_out: 5")) == [
        "cn.yaml 7:17: unknown fact 'outage.custmers_out'; did you mean 'customers_out'?"
    ]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("area: urbn", "7:23: 'urbn' is not a value of 'area'; did you mean 'urban'?"),
        ("customers_out: many", "7:32: 'many' is not a number"),
        ("customers_out: 5 kV", "7:32: unit 'kV' does not fit a fact kept in customers"),
        ("customers_out: 2.5", "7:32: '2.5' is no whole number, as 'customers_out' must be"),
        ("customers_out: 9..5", "7:32: range '9..5' is empty"),
        ("hour: 24..", "7:23: '24..' is nothing that 'hour' can be (0 to 23)"),
        ("confirmed: perhaps", "7:28: 'perhaps' is not a value of 'confirmed'; must be yes or no"),
        ("area: has urban", "7:23: 'area' is choice; 'has' is for texts and lists"),
        ("area: /urb/", "7:23: 'area' is choice; patterns are for texts"),
        ("stock: 5", "7:24: 'stock' holds amounts, which conditions cannot ask about; use cel"),
        ("area: '@towns'", "7:23: unknown list '@towns'"),
        ("area: not missing and", "7:23: 'missing and' is not a value of 'area'"),
        ("cel: 'customers_ot > 3.0'", "7:22: unknown fact 'customers_ot' in an expression; did you mean"),
        ("cel: 'customers_out * 2 > 3.0'", "7:22: expression does not fit the types of its facts"),
        ("cel: 'customers_out + 3.0'", "7:22: expression gives number; a condition must give yes or no"),
        ("cel: '[1,2].map(x, x * 2).size() > 1'", "7:22: 'map(...)' is refused in an expression"),
        ("cel: 'skills.exists(x, x == area)'", "7:22: 'exists(...)' is refused in an expression"),
        ("cel: 'area =='", "7:22: expression cannot be read"),
    ],
)  # fmt: skip
def test_a_bad_condition_is_named(condition: str, message: str) -> None:
    (found,) = faults(row(condition))
    assert found.startswith("cn.yaml " + message)


@pytest.mark.parametrize(
    ("then", "message"),
    [
        ("class: P6", "'class' is 'P6'; must be one of P1, P2, P3, P4, P5"),
        ("drop_cost: -1", "'drop_cost' is -1.0; must be at least 0"),
        ("crews_needed: 1.5", "'crews_needed' is 1.5; must be a whole number"),
        ("promise_arrive_min: 45 kV", "unit 'kV' does not fit a fact kept in min"),
        ("skills: [hv, lvv]", "'skills' is 'lvv'; must be one of"),
        ("stock: {fuze: 2}", "'fuze' is not a value of 'stock'; did you mean 'fuse'?"),
        ("stock: fuse", "'fuse' is no amount; write name and number, such as 'fuse 2'"),
        ("drop_cost: {cel: \"area\"}", "expression gives text; 'drop_cost' is number"),
        ("drop_cost: ", "'drop_cost' is set to nothing"),
    ],
)  # fmt: skip
def test_a_bad_outcome_is_named(then: str, message: str) -> None:
    (found,) = faults(row("area: urban", then))
    assert message in found
    assert found.startswith("cn.yaml 7:")


def test_all_faults_are_listed_at_once() -> None:
    found = faults(
        "policy: t\ncalender: cn\nsources: {s: {title: x, mark: maybe}}\nstages:\n  ordr: []\n  order:\n"
        "    - table: Bad Name\n      hit: frist\n      source: none_such\n"
        "      rows: [{iff: {}}]\n      other: 1\n"
    )
    assert found == [
        "cn.yaml 2:1: unknown key 'calender' in a policy; did you mean 'calendar'?",
        "cn.yaml 3:11: mark of source 's' is 'maybe'; must be verified or unverified",
        "cn.yaml 5:3: unknown stage 'ordr'; did you mean 'order'?",
        "cn.yaml 7:7: table name 'Bad Name' must be lower-case letters, digits and _",
        "cn.yaml 8:12: hit policy 'frist' is unknown; did you mean 'first'?",
        "cn.yaml 9:15: unknown source 'none_such'",
        "cn.yaml 10:15: unknown key 'iff' in a row; did you mean 'if'?",
        "cn.yaml 11:7: unknown key 'other' in a table; did you mean 'otherwise'?",
    ]


def two_tables(first: str, second: str) -> str:
    return f"{HEAD}    - {{table: a, rows: [{first}]}}\n    - {{table: b, rows: [{second}]}}\n"


def test_tables_that_feed_one_another_in_a_circle_are_found() -> None:
    found = faults(two_tables("{if: {tier: 1}, then: {class: P1}}", "{if: {class: P1}, then: {tier: 1}}"))
    assert found == ["cn.yaml 5:7: cycle: tables a -> b -> a feed one another through 'tier'"]


def test_a_table_that_reads_what_is_set_below_it_is_told_to_move() -> None:
    found = faults(two_tables("{if: {tier: 1}, then: {class: P1}}", "{if: {area: urban}, then: {tier: 1}}"))
    assert found == ["cn.yaml 5:7: table 'a' reads 'tier', which table 'b' below it sets: move it up"]


def test_a_fact_that_nobody_gives_is_found() -> None:
    assert faults(row("remote: yes")) == [
        "cn.yaml 5:7: table 't' reads 'remote', which nothing gives or sets in stage 'order'"
    ]


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("policy: [", "not YAML"),
        ("policy: t\n\tx: 1", "not YAML"),
        ("- a\n", "a policy is a mapping that begins with 'policy: NAME'"),
        ("policy: t\n", "policy without 'stages'"),
        (BOMB, "1:4: anchors (&a) are refused"),
        ("a: *b\n", "1:4: aliases (*name) are refused"),
        ("policy: !!python/object:os.system x\n", "are refused; quote a text that begins with !"),
        ("[" * 5000, "nested deeper than 16"),
        ("{a: " * 5000, "nested deeper than 16"),
        ("policy: a\npolicy: b\n", "2:1: 'policy' is given twice; first at 1:1"),
        ("policy: a\n---\npolicy: b\n", "more than one YAML document"),
        ("? [a, b]\n: c\n", "a name must be plain text"),
        ("policy: \x00\n", "not YAML"),
    ],
)
def test_hostile_yaml_is_refused(text: str, message: str) -> None:
    assert message in "\n".join(faults(text))


def test_files_that_are_no_policies_are_refused(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_text("a: " + "x" * 4_000_001)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("policy: 国".encode("gb18030"))
    for path, message in [
        (big, "at most 4,000,000 are read"),
        (latin, "is not UTF-8 text"),
        (tmp_path, "is a folder"),
        (tmp_path / "none.yaml", "cannot be read: No such file"),
    ]:
        with pytest.raises(PolicyError, match=message):
            load_policy(path)


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    text = row("area: urban")
    windows = tmp_path / "cn.yaml"
    windows.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_policy(windows).version == policy_from_text(text).version


def test_a_table_of_a_million_rows_is_refused() -> None:
    text = HEAD + "    - table: t\n      rows:\n" + "        - {then: {}}\n" * 5001
    assert "table with 5,001 rows; at most 5,000" in faults(text)[0]


def test_an_expression_cannot_be_long_or_deep() -> None:
    assert "1 to 500 signs" in faults(row("cel: '" + "1.0 + " * 200 + "1.0 > 0.0'"))[0]
    assert "nests deeper than 20" in faults(row("cel: '" + "(" * 30 + "true" + ")" * 30 + "'"))[0]


def test_own_facts_can_be_declared_and_built_in_ones_cannot() -> None:
    own = "facts: {beds: {type: integer, en: beds, zh: 床位, low: 0}}\n"
    policy = policy_from_text(own + row("beds: 100.."))
    assert policy.decide("order", {"beds": 200}).outcome["drop_cost"] == 1
    wrong = "facts: {area: {type: text, en: a, zh: b}, beds: {type: numbr, en: a, zh: b}}\n"
    found = faults(wrong + row("area: urban"))
    assert "fact 'area' is built in and cannot be declared again" in found[0]
    assert "type of 'beds' is 'numbr'; must be one of number, integer" in found[1]
