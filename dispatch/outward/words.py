"""Every word of the public's page and feeds, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .picture import PublicOutage

LANGUAGES = ("en", "zh")
NAMES = {"en": "English", "zh": "中文"}
TAGS = {"en": "en", "zh": "zh-CN"}
Words = Mapping[str, str]

_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Power outages", "停电信息"),
    "as_of": ("As of", "更新时间"),
    "renewed": (
        "This page is renewed as soon as something changes. Times are local.",
        "信息变化后即时更新，时间均为当地时间。",
    ),
    "out": ("{out} of {all} customers without supply", "{all}户中约{out}户停电"),
    "out_few": ("Fewer than {least} of {all} customers without supply", "{all}户中停电不足{least}户"),
    "out_none": ("No customers known to be without supply", "目前无已知停电用户"),
    "out_unknown": ("No figures yet", "暂无数据"),
    "map": ("Map of areas without supply", "停电区域图"),
    "map_note": (
        "An area marks where customers are without supply. Not everybody in it is.",
        "标示区域内部分用户停电，并非全部停电。",
    ),
    "now": ("Outages now", "当前停电"),
    "none": ("None that we know of.", "目前没有。"),
    "where": ("Where", "区域"),
    "since": ("Since", "停电时间"),
    "customers": ("Customers", "影响户数"),
    "cause": ("Cause", "原因"),
    "state": ("State", "进度"),
    "etr": ("Supply back by", "预计复电"),
    "etr_none": ("not known yet", "待定"),
    "small": (
        "1 more outage is smaller than {least} customers or not certain yet. It is not shown.|"
        "{n} more outages are smaller than {least} customers or not certain yet. They are not shown.",
        "另有{n}处停电不足{least}户或尚待核实，不单独公布。",
    ),
    "planned": ("Planned outages", "计划停电"),
    "from": ("From", "开始"),
    "to": ("To", "结束"),
    "small_planned": (
        "1 more planned outage is too small to be shown. Its customers have been told.|"
        "{n} more planned outages are too small to be shown. Their customers have been told.",
        "另有{n}项计划停电户数较少，不单独公布，已通知相关用户。",
    ),
    "supply": ("Is my supply out?", "查询我家是否停电"),
    "supply_note": (
        "With your customer number and the last digits of your telephone number",
        "凭户号和预留电话后四位查询",
    ),
    "about": ("About this page", "说明"),
    "about_text": (
        "To protect privacy, areas hold at least {least} customers, numbers are given as ranges and no "
        "address is shown. The estimate is the time by which nine of ten outages like it have ended; "
        "it is rounded up.",
        "为保护隐私，公布区域不少于{least}户，户数以区间表示，不显示具体地址。"
        "预计复电时间按同类停电九成可在此前恢复估算，并向上取整。",
    ),
    "feeds": ("Data", "数据"),
    "history": ("Promises and estimates kept", "承诺与预计兑现情况"),
    "history_text": (
        "Each week is published once, two days after its end, and not changed. Every figure can be "
        "counted in the tables beside it; the statement is signed and names the digest of the week before.",
        "每周数据在周末后两日公布一次，不再更改。各项数字均可由所附明细复核；声明经数字签名，并含上一周声明的摘要。",
    ),
    "history_none": ("No week has been published yet.", "尚未公布。"),
    "promise": ("Promise", "承诺"),
    "kept": ("Kept", "兑现"),
    "missed": ("Missed", "未兑现"),
    "lapsed": ("Not needed", "无需"),
    "share": ("Share kept", "兑现率"),
    "statement": ("signed statement", "签名声明"),
    "promise.accept": ("Acceptance", "受理"),
    "promise.dispatch": ("Crew sent", "派单"),
    "promise.arrive": ("Arrival", "到达"),
    "promise.restore": ("Restoration", "复电"),
    "promise.answer": ("Answer", "答复"),
    "promise.etr": ("First estimate", "首次预计复电"),
    "danger": (
        "Stay away from fallen wires. Call the emergency number at once.",
        "请远离掉落的电线，并立即拨打抢修电话。",
    ),
    "synthetic": ("This is an exercise with made-up data.", "演练数据，非真实停电信息。"),
    "area": ("Area {id}", "{id}区"),
    "elsewhere": ("several places", "多处"),
    "around": ("around {streets}", "{streets}一带"),
    "and": (", ", "、"),
    "range": ("{low}–{high}", "{low}–{high}户"),
    "range_open": ("{low} or more", "{low}户以上"),
    "state.checking": ("being looked into", "正在核实"),
    "state.waiting": ("known, crew to come", "已知，待抢修"),
    "state.on_the_way": ("crew on the way", "抢修人员在途"),
    "state.on_site": ("crew at work", "正在抢修"),
    "state.planned": ("planned", "计划"),
    "cause.none": ("being looked into", "正在查明"),
    "cause.planned": ("planned work", "计划检修"),
    "cause.tree": ("tree", "树障"),
    "cause.equipment": ("equipment", "设备故障"),
    "cause.wire_down": ("fallen wire", "断线"),
    "cause.animal": ("animal", "动物"),
    "cause.vehicle": ("vehicle", "车辆碰撞"),
    "cause.cable_fault": ("cable", "电缆故障"),
    "cause.pole_down": ("fallen pole", "倒杆"),
    "cause.transformer_burnt": ("transformer", "变压器故障"),
    "cause.weather": ("weather", "天气"),
    "cause.fire": ("fire", "火灾"),
    "cause.flood": ("flood", "水淹"),
    "cause.overload": ("overload", "过负荷"),
    "cause.third_party": ("damage by others", "外力破坏"),
    "cause.unknown": ("unknown", "不明"),
}


def words_of(language: str) -> Words:
    """Every word of a language by name."""
    at = LANGUAGES.index(language)
    return {name: both[at] for name, both in _WORDS.items()}


class Wording:
    """Says things in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = words_of(language)

    def __call__(self, name: str, n: int | None = None, **values: object) -> str:
        """A text with its values; one with two forms is chosen by `n`."""
        forms = self._words[name].split("|")
        text = forms[0] if n is None or n == 1 else forms[-1]
        return text.format(n=n, **{key: _shown(value) for key, value in values.items()})

    def customers(self, outage: PublicOutage) -> str:
        """How many customers, as a range."""
        if outage.most is None:
            return self("range_open", low=outage.fewest)
        return self("range", low=outage.fewest, high=outage.most)

    def cause(self, outage: PublicOutage) -> str:
        """Why, as far as it is known."""
        if outage.state == "planned":
            return self("cause.planned")
        return self(f"cause.{outage.cause or 'none'}")

    def place(self, outage: PublicOutage, most: int = 4) -> str:
        """Where, by the streets of its areas."""
        streets = list(dict.fromkeys(street for area in outage.areas for street in area.streets))
        if streets:
            return self("around", streets=self("and").join(streets[:most]))
        named = self("and").join(self("area", id=area.id) for area in outage.areas[:most])
        return named or self("elsewhere")

    def moment(self, when: datetime) -> str:
        """A time with its day."""
        if self.language == "zh":
            return f"{when.month}月{when.day}日 {when:%H:%M}"
        return f"{when:%d %b %H:%M}".lstrip("0")

    def headline(self, outage: PublicOutage) -> str:
        """An outage in one line."""
        return f"{self('title')}: {self.place(outage)} ({self.customers(outage)})"


def _shown(value: object) -> object:
    return f"{value:,}" if isinstance(value, int) else value
