"""What people read of a policy, in Chinese as well as in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules import load_policy, policy_from_text
from rules.checks.lint import lint
from rules.excel import read_workbook, write_workbook
from rules.loading import pack_names
from rules.yamlfile import read_yaml

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("pack", pack_names())
def test_every_source_and_note_of_a_pack_has_both_languages(pack: str) -> None:
    policy = load_policy(pack)
    for source in policy.sources.values():
        assert HAN.search(source.label("zh")), source.key
        assert not HAN.search(source.label("en")), source.key
    for table in policy.every_table():
        for each in (table, *table.every_row()):
            assert not each.note or HAN.search(each.note_in("zh")), (table.name, each.note)


def test_a_trace_names_sources_in_the_language_of_its_reader() -> None:
    facts = {"kind": "planned_work", "urgency": "urgent", "grade": "first"}
    decision = load_policy("cn").decide("order", facts)
    assert "十项承诺”第2条" in decision.trace.to_text("zh")
    assert "ten service commitments, art. 2" in decision.trace.to_text("en")
    assert "临时停电" in decision.trace.to_html("zh")
    assert decision.trace.source_of("notice_h", "zh").endswith("（已核实）")


def test_a_workbook_keeps_both_languages(tmp_path: Path) -> None:
    policy = load_policy("cn")
    write_workbook(read_yaml(policy.text, "cn.yaml"), policy.text, tmp_path / "cn.xlsx")
    again = read_workbook(tmp_path / "cn.xlsx")
    title = again.get("sources").get("sgcc-2").get("title")
    assert {name: str(text.value) for name, text in title.value.items()} == dict(
        policy.sources["sgcc-2"].title
    )
    assert load_policy(tmp_path / "cn.xlsx").version == policy.version


def test_what_lint_finds_is_told_in_chinese_too() -> None:
    text = load_policy("cn").text
    text = text.replace("  house: {title:", "  unused: {title: x, mark: verified}\n  house: {title:")
    text = text.replace(
        "        - {if: {kind: complaint, complaint_level: 2}, then: {escalate_after_min: 8 h}}",
        "        - {if: {kind: complaint}, then: {escalate_after_min: 8 h}}",
    )
    found = lint(policy_from_text(text))
    assert len(found) >= 2
    for fault in found:
        assert HAN.search(fault.said("zh"))
        assert fault.said("en") == fault.text
    assert any("永不匹配" in fault.line("zh") for fault in found)
