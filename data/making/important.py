"""Customers whom policies tell apart: made up, with names in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass

DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True, kw_only=True)
class Important:
    """A kind of important customer.

    Parameters
    ----------
    first : names of the first ones; the others are numbered.
    where : quantiles of the density of customers between which they lie.
    guaranteed : so many of them are under a supply guarantee on the day.
    """

    industry: str
    en: str
    zh: str
    count: int
    energy_mwh: float
    voltage_kv: float = 13.2
    sources: int = 1
    own_generator_h: float | None = None
    load_type: str = ""
    where: tuple[float, float] = (0.3, 1.0)
    first: tuple[str, ...] = ()
    guaranteed: int = 0
    rating_kva: int = 500
    access: str = ""

    def name(self, number: int) -> str:
        """Return the name of the n-th of this kind, counted from 1."""
        if number <= len(self.first):
            return self.first[number - 1]
        return f"{self.en} {number} {'第' + chinese_number(number) if self.count > 1 else ''}{self.zh}"


def chinese_number(number: int) -> str:
    """Write 1-99 in Chinese."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else DIGITS[tens] + "十")
    return head + (DIGITS[ones] if ones or not head else "")


LV = 0.22
KINDS: tuple[Important, ...] = (
    Important(
        industry="hospital", en="Hospital", zh="医院", count=4, energy_mwh=9000, sources=2, own_generator_h=8,
        load_type="life_support", rating_kva=2000, access="emergency entrance, ask for maintenance",
        first=(
            "La Serena Hospital 拉塞雷纳医院", "Coquimbo Hospital 科金博医院", "Children's Hospital 儿童医院", "South Hospital 南部医院",
        ),
    ),
    Important(
        industry="clinic", en="Clinic", zh="诊所", count=18, energy_mwh=350, own_generator_h=4, load_type="life_support",
        rating_kva=250,
    ),
    Important(
        industry="clinic", en="Dialysis Centre", zh="透析中心", count=5, energy_mwh=600, own_generator_h=2,
        load_type="life_support", rating_kva=300, access="patients on machines 06:00-22:00",
    ),
    Important(
        industry="care_home", en="Care Home", zh="养老院", count=12, energy_mwh=180, voltage_kv=LV, own_generator_h=2,
        load_type="life_support", rating_kva=150,
    ),
    Important(
        industry="emergency", en="Fire Station", zh="消防站", count=7, energy_mwh=90, voltage_kv=LV, own_generator_h=6,
        load_type="safety", rating_kva=100,
    ),
    Important(
        industry="emergency", en="Police Station", zh="警察局", count=6, energy_mwh=110, voltage_kv=LV, own_generator_h=6,
        load_type="safety", rating_kva=100,
    ),
    Important(
        industry="emergency", en="Emergency Call Centre", zh="应急指挥中心", count=1, energy_mwh=400, sources=2,
        own_generator_h=24, load_type="safety", rating_kva=400,
    ),
    Important(
        industry="water", en="Waterworks", zh="水厂", count=5, energy_mwh=5200, sources=2, own_generator_h=4,
        load_type="continuous", rating_kva=1500, where=(0.0, 0.5), first=("La Serena Waterworks 拉塞雷纳水厂",),
    ),
    Important(
        industry="water", en="Pumping Station", zh="供水泵站", count=14, energy_mwh=420, load_type="continuous", rating_kva=300,
        where=(0.0, 0.8), access="key in box 7",
    ),
    Important(
        industry="wastewater", en="Wastewater Plant", zh="污水处理厂", count=2, energy_mwh=3100, own_generator_h=4,
        load_type="continuous", rating_kva=1000, where=(0.0, 0.3),
    ),
    Important(
        industry="mining", en="Copper Mine", zh="铜矿", count=3, energy_mwh=21000, sources=2, own_generator_h=2,
        load_type="safety", rating_kva=4000, where=(0.0, 0.1), access="gate 1, helmet and induction",
        first=("San Pedro Copper Mine 圣佩德罗铜矿",),
    ),
    Important(
        industry="metallurgy", en="Smelter", zh="冶炼厂", count=2, energy_mwh=26000, sources=2, load_type="process",
        rating_kva=5000, where=(0.0, 0.1),
    ),
    Important(
        industry="chemical", en="Chemical Works", zh="化工厂", count=2, energy_mwh=7800, own_generator_h=1, load_type="process",
        rating_kva=2000, where=(0.0, 0.2),
    ),
    Important(
        industry="petroleum", en="Fuel Depot", zh="油库", count=2, energy_mwh=700, own_generator_h=4, load_type="safety",
        rating_kva=400, where=(0.0, 0.4),
    ),
    Important(
        industry="gas", en="Gas Works", zh="燃气站", count=2, energy_mwh=250, own_generator_h=4, load_type="safety",
        rating_kva=250, where=(0.0, 0.4),
    ),
    Important(
        industry="telecom", en="Telephone Exchange", zh="电信机房", count=6, energy_mwh=900, sources=2, own_generator_h=12,
        load_type="continuous", rating_kva=500,
    ),
    Important(
        industry="telecom", en="Mobile Mast", zh="通信基站", count=40, energy_mwh=35, voltage_kv=LV, own_generator_h=4,
        load_type="continuous", rating_kva=30, where=(0.0, 1.0), access="key at control room",
    ),
    Important(
        industry="broadcast", en="Radio Station", zh="广播电台", count=2, energy_mwh=300, own_generator_h=8,
        load_type="continuous", rating_kva=250,
    ),
    Important(
        industry="data_centre", en="Data Centre", zh="数据中心", count=1, energy_mwh=6500, sources=2, own_generator_h=24,
        load_type="continuous", rating_kva=2000,
    ),
    Important(
        industry="government", en="Government Office", zh="政府办公楼", count=9, energy_mwh=420, own_generator_h=3,
        load_type="normal", rating_kva=400, guaranteed=2,
        first=("Regional Government 大区政府", "La Serena Town Hall 拉塞雷纳市政厅", "Coquimbo Town Hall 科金博市政厅"),
    ),
    Important(
        industry="military", en="Barracks", zh="军营", count=1, energy_mwh=1500, own_generator_h=12, load_type="safety",
        rating_kva=600, where=(0.1, 0.6),
    ),
    Important(
        industry="prison", en="Prison", zh="监狱", count=1, energy_mwh=1400, own_generator_h=8, load_type="safety",
        rating_kva=600, where=(0.0, 0.3),
    ),
    Important(
        industry="airport", en="Airport", zh="机场", count=1, energy_mwh=2100, sources=2, own_generator_h=12, load_type="safety",
        rating_kva=1000, where=(0.0, 0.2),
    ),
    Important(
        industry="traffic", en="Traffic Control Centre", zh="交通指挥中心", count=1, energy_mwh=160, own_generator_h=4,
        load_type="safety", rating_kva=150,
    ),
    Important(
        industry="school", en="School", zh="中小学", count=46, energy_mwh=120, voltage_kv=LV, load_type="normal", rating_kva=150,
        guaranteed=3,
    ),
    Important(
        industry="university", en="University Campus", zh="大学校区", count=4, energy_mwh=2600, load_type="normal",
        rating_kva=1000,
    ),
    Important(
        industry="venue", en="Stadium", zh="体育场", count=2, energy_mwh=600, load_type="normal", rating_kva=630, guaranteed=1,
        where=(0.3, 0.9),
    ),
    Important(
        industry="shop", en="Shopping Mall", zh="购物中心", count=6, energy_mwh=7200, sources=2, own_generator_h=2,
        load_type="normal", rating_kva=2500, where=(0.5, 1.0),
    ),
    Important(
        industry="shop", en="Supermarket", zh="超市", count=22, energy_mwh=1300, own_generator_h=2, load_type="continuous",
        rating_kva=500,
    ),
    Important(
        industry="hotel", en="Hotel", zh="酒店", count=14, energy_mwh=800, own_generator_h=3, load_type="normal", rating_kva=400,
    ),
    Important(
        industry="finance", en="Bank", zh="银行", count=6, energy_mwh=220, own_generator_h=4, load_type="normal",
        rating_kva=200,
    ),
    Important(
        industry="food", en="Cold Store", zh="冷库", count=7, energy_mwh=2400, load_type="process", rating_kva=750,
        where=(0.0, 0.6),
    ),
    Important(
        industry="manufacturing", en="Factory", zh="工厂", count=12, energy_mwh=2900, load_type="process", rating_kva=1000,
        where=(0.0, 0.5),
    ),
    Important(
        industry="agriculture", en="Irrigation Pumps", zh="灌溉泵站", count=12, energy_mwh=380, load_type="interruptible",
        rating_kva=200, where=(0.0, 0.15),
    ),
    Important(
        industry="residential", en="Tower Block", zh="住宅小区", count=25, energy_mwh=450, load_type="safety", rating_kva=500,
        where=(0.5, 1.0), access="caretaker, ground floor",
    ),
)  # fmt: skip
