"""The State Grid pack understands what people say, in Chinese and English; test_hearing.py has more."""

from __future__ import annotations

import pytest

from rules import Policy, load_policy

SAID = {
    "outage": [
        "家里没电了",
        "整个小区停电",
        "什么时候来电",
        "我家跳闸了",
        "No power since six",
        "the whole street is dark",
        "lights out in our building",
        "electricity went off after the storm",
        "we have no light",
        "power cut again",
        "still out after four hours",
        "when will the power be back?",
        "家里停电了",
    ],
    "hazard": [
        "电线掉在路上",
        "变压器冒火花",
        "电杆倒了",
        "有人触电",
        "配电箱着火冒烟",
        "树压线了",
        "A wire is lying on the road",
        "wire down near the school",
        "sparks from the pole",
        "transformer on fire",
        "I got a shock from the fence",
        "there is a burning smell at the box",
        "pole leaning over the street",
        "no power and sparks at the pole",
    ],
    "power_quality": [
        "电压低空调启动不了",
        "灯忽明忽暗",
        "电压不稳",
        "lights keep flickering",
        "voltage is low in the evening",
        "lamps are dim",
        "appliances damaged by a surge",
    ],
    "metering": [
        "电表不走",
        "表计显示异常",
        "电表读数不对",
        "meter shows an error",
        "display of the meter is blank",
    ],
    "new_connection": [
        "我要报装",
        "新装用电申请",
        "申请增容",
        "new connection for a house",
        "I need a new supply for my shop",
    ],
    "complaint": ["投诉抢修人员态度差", "我要投诉", "I want to complain about the crew", "the crew was rude"],
    "street_light": ["路灯不亮", "street light is broken", "the street lamp at the corner does not work"],
    "inspection": ["请来检查线路", "树枝离线太近需要修剪", "please inspect our installation"],
    "enquiry": [
        "收到停电通知，想问时间",
        "计划停电几点开始",
        "when is the planned outage?",
        "请问营业厅地址",
        "how do I change my name on the contract",
        "hello",
        "my bill is too high",
    ],
}


@pytest.fixture(scope="module")
def cn() -> Policy:
    return load_policy("cn")


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for kind, said in SAID.items() for words in said])
def test_words_are_understood(cn: Policy, kind: str, words: str) -> None:
    decision = cn.decide("request", {"words": words})
    assert decision.outcome["kind"] == kind, decision.trace.to_text()


def test_a_kind_that_was_given_stands(cn: Policy) -> None:
    outcome = cn.decide("request", {"words": "家里没电", "kind": "metering"}).outcome
    assert (outcome["kind"], outcome["category"]) == ("metering", "metering")


def test_full_width_and_capital_letters_make_no_difference(cn: Policy) -> None:
    assert cn.decide("request", {"words": "ＮＯ　ＰＯＷＥＲ"}).outcome["kind"] == "outage"


def test_danger_is_urgent_and_in_the_first_tier(cn: Policy) -> None:
    request = cn.decide("request", {"words": "wire down"}).outcome
    order = cn.decide("order", {"kind": request["kind"], "urgency": request["urgency"]}).outcome
    assert (request["urgency"], order["class"], order["tier"]) == ("urgent", "P1", 0)


def test_promises_are_those_of_the_ten_commitments(cn: Policy) -> None:
    def promised(area: str, grade: str = "ordinary") -> tuple[float, float]:
        facts = {"kind": "outage", "area": area, "grade": grade, "customers_out": 5, "component": "line"}
        outcome = cn.decide("order", facts).outcome
        return outcome["promise_arrive_min"], outcome["promise_restore_min"]

    assert promised("urban") == (45, 225)
    assert promised("rural") == (90, 330)
    assert promised("remote") == (120, 360)
    assert promised("urban", "first") == (30, 225)
