"""Names of grades and promises in the language of a message."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, str]] = {
    "grade.special": ("special important customer", "特级重要用户"),
    "grade.first": ("first-grade important customer", "一级重要用户"),
    "grade.second": ("second-grade important customer", "二级重要用户"),
    "grade.temporary": ("temporary important customer", "临时重要用户"),
    "grade.high_hazard": ("high-hazard customer", "高危用户"),
    "grade.vip": ("key account", "大客户"),
    "grade.welfare": ("welfare register", "特殊关怀用户"),
    "grade.ordinary": ("ordinary", "普通用户"),
    "promise.arrive": ("crew on site", "到达现场"),
    "promise.restore": ("supply back", "恢复供电"),
    "kind.outage": ("power cut", "停电"),
    "kind.hazard": ("danger", "安全隐患"),
    "kind.power_quality": ("power quality", "电能质量"),
    "kind.metering": ("metering", "计量"),
    "kind.new_connection": ("new connection", "新装"),
    "kind.inspection": ("inspection", "检查"),
    "kind.complaint": ("complaint", "投诉"),
    "kind.enquiry": ("enquiry", "咨询"),
    "kind.street_light": ("street light", "路灯"),
    "kind.planned_work": ("planned work", "计划检修"),
    "role.supervisor": ("supervisor", "值班长"),
    "role.duty_manager": ("manager on duty", "值班经理"),
    "way.hand": ("Urged:", "催办"),
    "way.supervision": ("Supervised:", "督办"),
    "way.call": ("The customer called again:", "用户再次来电催办"),
    "way.fast_lane": ("Fast lane:", "绿色通道"),
    "way.rise": ("Nobody answered:", "逾期未反馈"),
    "put_off.storm": ("a storm is expected", "天气原因"),
    "put_off.closed": ("crews are needed for repairs", "抢修任务"),
    "put_off.not_done": ("crews were needed for repairs", "抢修任务"),
    "put_off.full": ("other work comes first", "紧急工作"),
    "put_off.crews": ("no crew is on duty", "班组安排"),
    "put_off.hand": ("our work is arranged anew", "工作调整"),
    "notice.policy": ("the utility's own rule", "本单位规定"),
}


def span_of(minutes: float, language: str) -> str:
    """A span of time in words: hours where they are whole, minutes otherwise."""
    whole, rest = divmod(round(minutes), 60)
    if language == "zh":
        return f"{whole}小时" if not rest else f"{round(minutes)}分钟"
    return f"{whole} h" if not rest else f"{round(minutes)} min"


def name_of(group: str, value: str, language: str) -> str:
    """Return a name in ``en`` or ``zh``; what is not known stays as it is."""
    found = NAMES.get(f"{group}.{value}")
    return found[1 if language == "zh" else 0] if found else value
