"""The words of the report, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["en", "zh"]


class Row(NamedTuple):
    """A figure of the report: its name in the records, its words, decimals."""

    name: str
    en: str
    zh: str
    digits: int

    def label(self, language: str) -> str:
        """The figure's name in a language."""
        return self.zh if language == "zh" else self.en


ROWS = (
    Row("customer_minutes", "customer-minutes off supply", "停电户·分钟", 0),
    Row("weighted_customer_minutes", "weighted customer-minutes", "加权停电户·分钟", 0),
    Row("energy_not_supplied_kwh", "energy not supplied, kWh", "缺供电量，千瓦时", 0),
    Row("saidi_min", "SAIDI, min", "SAIDI，分钟", 2),
    Row("saifi", "SAIFI", "SAIFI，次", 3),
    Row("caidi_min", "CAIDI, min", "CAIDI，分钟", 1),
    Row("h_to_50", "hours to 50 % restored", "恢复 50 % 用户所需小时", 2),
    Row("h_to_90", "hours to 90 % restored", "恢复 90 % 用户所需小时", 2),
    Row("h_to_99", "hours to 99 % restored", "恢复 99 % 用户所需小时", 2),
    Row("unserved_customers", "customers still out at the end", "结束时仍停电用户", 1),
    Row("arrival_promises", "promises of arrival", "到场承诺数", 1),
    Row("arrival_promises_kept", "promises of arrival kept", "到场承诺履行数", 1),
    Row("repair_promises", "promises of restoration", "复电承诺数", 1),
    Row("repair_promises_kept", "promises of restoration kept", "复电承诺履行数", 1),
    Row("late_promise_cost", "price of late promises", "承诺超时代价", 0),
    Row("work_h", "crew hours on site", "现场作业班组小时", 1),
    Row("drive_h", "crew hours driving", "行车班组小时", 1),
    Row("drive_share", "share of driving", "行车占比", 3),
    Row("overtime_h", "overtime, h", "加班，小时", 2),
    Row("visits", "visits", "到访次数", 1),
    Row("replans", "re-plans", "重新规划次数", 0),
    Row("faults", "faults", "故障数", 1),
    Row("customer_interruptions", "customers who lost supply", "停电用户次数", 1),
)
MAIN = ("customer_minutes", "saidi_min", "h_to_50", "h_to_90", "repair_promises_kept", "work_h", "drive_h")

WORDS: Mapping[str, tuple[str, str]] = {
    "intro": (
        "{n} replications of {alternatives} alternatives, the same made-up days for all (seed {seed}). "
        "Intervals are 95 % confidence intervals of the mean. Faults, calls and repair times are made up.",
        "{alternatives} 个方案各模拟 {n} 次，所有方案面对相同的虚拟日（随机种子 {seed}）。"
        "区间为均值的 95 % 置信区间。故障、报修电话和抢修时长均为虚拟。",
    ),
    "out": ("Customers without supply", "停电用户数"),
    "out_note": (
        "Line: half of the days have fewer out. Band: 10 to 90 % of the days.",
        "实线：半数虚拟日低于此值；阴影：10 % 至 90 % 的虚拟日。",
    ),
    "hours_from": ("hours from {start}", "自 {start} 起的小时"),
    "restored": ("Hours until 90 % have supply again", "90 % 用户恢复供电所需小时"),
    "restored_note": ("Mean with its interval.", "均值及其置信区间。"),
    "figures": ("Figures", "指标"),
    "differences": ("Differences from “{base}”", "与“{base}”之差"),
    "one": ("There is one alternative only.", "只有一个方案。"),
    "to": (" to ", " 至 "),
    "undecided": (
        "; undecided, about {more} more replications needed",
        "；尚无定论，约需再模拟 {more} 次",
    ),
    "repeat": ("To repeat this", "如何重复本次模拟"),
    "repeat_note": (
        "gridcrew simulate scenario.yaml --replications {n} --seed {seed} --out OUT. "
        "The case folder has this content (SHA-256): {content}.",
        "gridcrew simulate scenario.yaml --replications {n} --seed {seed} --out OUT。"
        "场景所用案例文件夹的内容（SHA-256）：{content}。",
    ),
    "page": ("page {page} of {pages}", "第 {page} 页，共 {pages} 页"),
}


def say(language: str, key: str, **values: object) -> str:
    """A sentence of the report."""
    text = WORDS[key][1 if language == "zh" else 0]
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text
