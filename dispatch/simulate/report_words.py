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
    Row("late_arrival_cost", "price of late arrivals", "到场超时代价", 0),
    Row("late_repair_cost", "price of late restorations", "复电超时代价", 0),
    Row("driving_cost", "price of driving", "行车代价", 0),
    Row("overtime_cost", "price of overtime", "加班代价", 0),
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
        "Intervals are 95 % confidence intervals of the mean; where a figure cannot be negative, neither can "
        "its interval. Faults, calls and repair times are made up.",
        "{alternatives} 个方案各模拟 {n} 次，所有方案面对相同的虚拟日（随机种子 {seed}）。"
        "区间为均值的 95 % 置信区间；不可能为负的指标，其区间亦不为负。故障、报修电话和抢修时长均为虚拟。",
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
    "differences": ('Differences from "{base}"', "与“{base}”之差"),
    "one": ("There is one alternative only.", "只有一个方案。"),
    "to": (" to ", " 至 "),
    "undecided": (
        "; undecided, about {more} more replications needed",
        "；尚无定论，约需再模拟 {more} 次",
    ),
    "undecided_long": (
        "; undecided, more than {most} more replications needed",
        "；尚无定论，需再模拟 {most} 次以上",
    ),
    "together": (
        "The table makes {count} comparisons, each with a 95 % interval: about {chance} of them would leave "
        "0 by chance alone. Those marked {sure} hold all at once (Holm, 95 %).",
        "本表共作 {count} 项比较，每项为 95 % 置信区间：仅凭偶然，约有 {chance} 项会不含 0。"
        "标 {sure} 者同时成立（Holm 法，95 %）。",
    ),
    "busy": ("Crews on the road, waiting or at work", "行车、等待或作业中的班组数"),
    "busy_note": (
        "Line: half of the days have fewer. Band: 10 to 90 % of the days.",
        "实线：半数虚拟日低于此值；阴影：10 % 至 90 % 的虚拟日。",
    ),
    "areas": ("By area", "按区域"),
    "areas_note": ("Mean of a day with its interval.", "每个虚拟日的均值及其置信区间。"),
    "customer_minutes": ("customer-minutes", "停电户·分钟"),
    "customer_interruptions": ("customers who lost supply", "停电用户次数"),
    "energy_not_supplied_kwh": ("energy not supplied, kWh", "缺供电量，千瓦时"),
    "promises": ("Promises kept", "承诺履行"),
    "promises_note": (
        "Promises of arrival and of restoration together, from the discovery of each fault: share kept with "
        "its interval, and how many were given on a day.",
        "到场承诺与复电承诺合计，自故障被发现起算：履行比例及其置信区间，以及每日作出的承诺数。",
    ),
    "of_group": ("{group}: {name}", "{group}：{name}"),
    "of_given": ("of {given}", "共 {given}"),
    "by_class": ("class", "类别"),
    "by_grade": ("customers", "用户等级"),
    "by_area": ("area", "区域"),
    "told": ("Restoration times told", "告知的复电时间"),
    "told_note": (
        "The first time told for each fault, before anybody had seen it, against when it was mended. "
        "Positive errors: mended later than told.",
        "每个故障首次告知的复电时间（尚无人到场），与实际修复时间相比。误差为正：修复晚于告知。",
    ),
    "etr_told": ("faults with a time told", "已告知时间的故障数"),
    "etr_error_median_min": ("median error, min", "误差中位数，分钟"),
    "etr_error_mean_abs_min": ("mean absolute error, min", "平均绝对误差，分钟"),
    "etr_met_share": ("share mended no later than 30 min after it", "不晚于告知时间后 30 分钟修复的比例"),
    "near": ("How near the replay comes to its record", "重演与记录的接近程度"),
    "near_note": (
        "Durations of the recorded outages against the middle of the simulated ones; a ratio of 1 is a hit, "
        "and the rank correlation says whether the same outages are long.",
        "记录的停电时长与模拟时长中位数之比；比值为 1 即吻合，秩相关表示长时停电是否为同一批停电。",
    ),
    "near_outages": ("outages compared", "比较的停电数"),
    "near_median_ratio": ("recorded / simulated, median", "记录 / 模拟，中位数"),
    "near_low_ratio": ("the same, 10 % are below", "同上，10 % 低于"),
    "near_high_ratio": ("the same, 10 % are above", "同上，10 % 高于"),
    "near_rank_correlation": ("rank correlation", "秩相关系数"),
    "repeat": ("To repeat this", "如何重复本次模拟"),
    "repeat_note": (
        "gridcrew simulate study.zip --out OUT, with the study.zip that lies beside this report, in the "
        "versions below: it holds the scenario, the case and the policies, checks the hash of each file and "
        "compares the answers. Or, with the case at hand: gridcrew simulate scenario.yaml "
        "--replications {n} --seed {seed} --out OUT. "
        "The case folder has this content (SHA-256): {content}.",
        "gridcrew simulate study.zip --out OUT，使用与本报告同一文件夹中的 study.zip 及下列软件版本："
        "其中含情景、案例和规则包，运行时逐个校验文件哈希并比对结果。案例在手时亦可："
        "gridcrew simulate scenario.yaml --replications {n} --seed {seed} --out OUT。"
        "情景所用案例文件夹的内容（SHA-256）：{content}。",
    ),
    "page": ("page {page} of {pages}", "第 {page} 页，共 {pages} 页"),
}


# Names of groups in the records, as they are shown.
GROUP_WORDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("grade", "special"): ("special", "特级重要用户"),
    ("grade", "first"): ("first grade", "一级重要用户"),
    ("grade", "second"): ("second grade", "二级重要用户"),
    ("grade", "temporary"): ("temporary", "临时重要用户"),
    ("grade", "high_hazard"): ("high hazard", "高危用户"),
    ("grade", "vip"): ("VIP", "VIP 用户"),
    ("grade", "welfare"): ("welfare register", "关爱用户"),
    ("grade", "ordinary"): ("ordinary", "普通用户"),
    ("area", "urban"): ("urban", "城市"),
    ("area", "rural"): ("rural", "农村"),
    ("area", "remote"): ("remote", "偏远"),
}


def group_word(language: str, group: str, name: str) -> str:
    """A class, grade or area as it is shown; what has no words of its own as it is, a blank as a dash."""
    words = GROUP_WORDS.get((group, name))
    return words[1 if language == "zh" else 0] if words else name or "–"


def say(language: str, key: str, **values: object) -> str:
    """A sentence of the report."""
    text = WORDS[key][1 if language == "zh" else 0]
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text
