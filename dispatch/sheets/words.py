"""Every word on a route sheet, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "zh")

_WORDS: Mapping[str, tuple[str, str]] = {
    "route_sheet": ("Route sheet", "抢修任务单"),
    "crew": ("Crew", "班组"),
    "crew_of": ("{name}, {people} people", "{name}，{people}人"),
    "and": ("{one}, {other}", "{one}，{other}"),
    "vehicle": ("Vehicle", "车辆"),
    "phone": ("Phone", "电话"),
    "shift": ("Shift", "班次"),
    "depot": ("Depot", "驻地"),
    "plan_of": ("Plan of", "计划时间"),
    "case": ("Case", "案例"),
    "route": ("Route", "路线"),
    "stops": ("{count} stops, {drive} driving, {length}", "{count}站，行车{drive}，{length}"),
    "back_at": ("Back at the depot", "返回驻地"),
    "load": ("Load before leaving", "出发前装车"),
    "nothing_to_load": ("nothing beyond the usual kit", "除常备工具外无需装载"),
    "on_vehicle": ("{quantity} on the vehicle", "车上现有{quantity}"),
    "skills": ("Skills", "技能"),
    "stock": ("Stock", "物资"),
    "class": ("Class", "等级"),
    "arrive": ("arrive", "到达"),
    "start": ("start", "开工"),
    "finish": ("finish", "完工"),
    "drive": ("Drive", "行车"),
    "via": ("via {streets}", "途经{streets}"),
    "same_place": ("no drive: same place", "同一地点，无需行车"),
    "address": ("Address", "地址"),
    "order": ("Order", "工单"),
    "failed": ("Failed", "故障设备"),
    "worked_on": ("Work on", "作业对象"),
    "not_found": ("{what}, not found yet", "{what}（故障点待查）"),
    "behind": ("behind {what}", "{what}后段"),
    "fed_by": ("fed by {what}", "由{what}供电"),
    "feeder": ("feeder {what}", "馈线{what}"),
    "section": ("section {id}", "区段{id}"),
    "look": ("Look here", "查找顺序"),
    "only_look": ("Look only", "只查看"),
    "only_look_text": (
        "Is {place} open? Report what you see. Knowing it saves {saves} customer-minutes.",
        "{place} 是否已断开？查看后回报。查明可减少停电 {saves} 户·分钟。",
    ),
    "stretch": ("{share} % {place}", "{share}% {place}"),
    "one_line": ("Section", "区段接线"),
    "stands_open": ("open", "断开"),
    "stands_closed": ("closed", "合上"),
    "edge": ("[{id}, {state}]", "[{id}，{state}]"),
    "edge_to": ("[{id}, {state}, to {feeder}]", "[{id}，{state}，至{feeder}]"),
    "meaning": ("{words} (means: {meant})", "{words}（意为：{meant}）"),
    "important": ("Important", "重要用户"),
    "before": ("First", "前序"),
    "after": ("Then", "后续"),
    "step": ("{what}: {who}", "{what}：{who}"),
    "step_at": ("{what}: {who}, {time}", "{what}：{who}，{time}"),
    "nobody": ("nobody yet", "未安排"),
    "calls": ("{count}, {calls} calls", "{count}，报修{calls}起"),
    "customer": ("Customer", "用户"),
    "grade": ("Highest grade", "最高用户等级"),
    "customers_out": ("Customers out", "停电户数"),
    "outage": ("Outage", "停电"),
    "out_since": ("{count}, since {time}", "{count}户，自{time}起"),
    "etr": ("Supply back", "预计复电"),
    "said": ("What was said", "报修内容"),
    "more": ("and {count} more", "另有{count}条"),
    "access": ("Access", "进入说明"),
    "hazard": ("HAZARD", "危险"),
    "promise": ("Promised", "承诺时限"),
    "promise.accept": ("accept by {due}", "{due}前受理"),
    "promise.dispatch": ("dispatch by {due}", "{due}前派单"),
    "promise.arrive": ("arrive by {due}", "{due}前到达"),
    "promise.restore": ("supply back by {due}", "{due}前恢复供电"),
    "promise.answer": ("answer by {due}", "{due}前答复"),
    "late": ("LATE by {time}", "超时{time}"),
    "switching": ("Switching list: tick in order", "倒闸操作：按顺序逐项打勾"),
    "open": ("OPEN", "断开"),
    "close": ("CLOSE", "合上"),
    "by_operator": ("control room", "调度远方操作"),
    "on_site_switch": ("on site", "现场操作"),
    "times_taken": ("on site ___:___   safe ___:___   restored ___:___   done ___:___",
                    "到达___:___   安全___:___   复电___:___   完工___:___"),
    "before_work": ("Before work", "开工前打勾"),
    "signed": ("Permit no. __________   Leader __________   Guardian __________",
               "工作票号__________   工作负责人__________   监护人__________"),
    "signed_for": ("Permit no. {number}   Leader __________   Guardian __________",
                   "工作票号{number}   工作负责人__________   监护人__________"),
    "reported": ("REPORTED", "已报告"),
    "state.on_the_way": ("on the way", "出发"),
    "state.on_site": ("on site", "到达现场"),
    "state.safe": ("safe to work", "安全措施已做"),
    "state.restored": ("restored", "已复电"),
    "state.done": ("done", "完工"),
    "state.cannot": ("cannot be done", "无法完成"),
    "safety.permit": ("permit received", "已得到许可"),
    "safety.isolate": ("disconnected", "已停电断开"),
    "safety.secure": ("secured", "已闭锁"),
    "safety.prove_dead": ("proved dead", "已验电"),
    "safety.earth": ("earthed", "已接地"),
    "safety.guard": ("guarded, signs up", "已装设遮栏、标示牌"),
    "safety.reclosing_off": ("reclosing off", "已停用重合闸"),
    "safety.protective_gear": ("protective gear on", "已穿戴防护用品"),
    "safety.keep_away": ("people kept away", "已隔离人员"),
    "notes": ("Cause found, notes", "故障原因、备注"),
    "rest": ("Break", "休息"),
    "rest_text": ("{start}, {minutes} min", "{start}，{minutes}分钟"),
    "overview": ("All stops", "全程示意"),
    "metres": ("m", "米"),
    "navigate": ("to the phone's map", "扫码导航"),
    "open_link": ("this route on the phone", "扫码查看任务"),
    "labelled": ("{label}: {text}", "{label}：{text}"),
    "minutes": ("{minutes} min", "{minutes}分钟"),
    "hours": ("{hours} h {minutes}", "{hours}小时{minutes}分"),
    "page": ("page {page} of {pages}", "第{page}页，共{pages}页"),
    "no_visits": ("No stop planned.", "无任务。"),
    "operator": ("Control room", "调度台"),
    "kind.repair": ("Repair", "抢修"),
    "kind.switching": ("Switching", "倒闸操作"),
    "kind.patrol": ("Patrol", "巡线"),
    "kind.make_safe": ("Make safe", "排除险情"),
    "kind.service": ("Service", "服务"),
    "kind.generator": ("Generator", "发电车"),
    "kind.open": ("Open", "断开"),
    "kind.close": ("Close", "合上"),
    "element.overhead": ("overhead line", "架空线"),
    "element.cable": ("cable", "电缆"),
    "element.lv": ("low-voltage line", "低压线路"),
    "element.line": ("line", "线路"),
    "element.breaker": ("breaker", "断路器"),
    "element.recloser": ("recloser", "重合器"),
    "element.fuse": ("fuse", "跌落式熔断器"),
    "element.switch": ("switch", "开关"),
    "element.tie": ("tie switch", "联络开关"),
    "element.transformer": ("transformer", "变压器"),
    "element.bus": ("busbar", "母线"),
    "element.lv_main": ("low-voltage main", "低压干线"),
    "element.service": ("service line", "接户线"),
    "element.customer": ("customer", "用户"),
    "title.outage": ("outage", "停电抢修"),
    "title.hazard": ("hazard", "险情"),
    "title.power_quality": ("power quality", "电能质量"),
    "title.metering": ("metering", "计量"),
    "title.new_connection": ("new connection", "新装"),
    "title.inspection": ("inspection", "检查"),
    "title.street_light": ("street light", "路灯"),
    "title.planned_work": ("planned work", "计划工作"),
    "skill.hv": ("high voltage", "高压"),
    "skill.lv": ("low voltage", "低压"),
    "skill.cable": ("cable", "电缆"),
    "skill.live_line": ("live line", "带电作业"),
    "skill.metering": ("metering", "计量"),
    "skill.tree": ("tree cutting", "清障"),
    "skill.switching": ("switching", "倒闸"),
    "skill.control_room": ("control room", "调度"),
    "stock.fuse": ("fuse", "熔断器"),
    "stock.lv_cable_kit": ("low-voltage cable kit", "低压电缆附件"),
    "stock.mv_joint_kit": ("medium-voltage joint kit", "中压电缆接头"),
    "stock.pole": ("pole", "电杆"),
    "stock.transformer": ("transformer", "变压器"),
    "stock.meter": ("meter", "电能表"),
    "stock.generator": ("generator", "发电机"),
    "grade.special": ("special important customer", "特级重要用户"),
    "grade.first": ("first-grade important customer", "一级重要用户"),
    "grade.second": ("second-grade important customer", "二级重要用户"),
    "grade.temporary": ("temporary important customer", "临时重要用户"),
    "grade.high_hazard": ("high-hazard customer", "高危用户"),
    "grade.vip": ("key account", "大客户"),
    "grade.welfare": ("welfare register", "特殊关怀用户"),
    "grade.ordinary": ("ordinary", "普通用户"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    lang: str

    def __call__(self, key: str, **values: object) -> str:
        """Return a word or sentence with its gaps filled."""
        return _WORDS[key][LANGUAGES.index(self.lang)].format(**values)

    def name(self, group: str, word: str) -> str:
        """Return the name of a skill, stock, grade or kind; the utility's own words stay as they are."""
        known = _WORDS.get(f"{group}.{word}")
        return known[LANGUAGES.index(self.lang)] if known else word

    def labelled(self, label: str, text: str) -> str:
        """Return a label and its text in one line."""
        return self("labelled", label=label, text=text)

    def join(self, items: list[str]) -> str:
        """Return items in one line."""
        return ("、" if self.lang == "zh" else ", ").join(items)

    @property
    def every_word(self) -> str:
        """All words of this language, one after the other: the letters a font must have."""
        return "".join(pair[LANGUAGES.index(self.lang)] for pair in _WORDS.values())


def words_of(lang: str) -> Words:
    """Return the words of ``en`` or ``zh``; any other language gets English."""
    short = lang.split("-", maxsplit=1)[0].lower()
    return Words(short if short in LANGUAGES else "en")
