"""What callers say, by what they call about, a set for each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Sayings = tuple[tuple[str, ...], tuple[str, ...]]
Language = Mapping[str, tuple[str, ...]]

OUTAGES = ("wide", "local", "single", "important", "again", "hazard")

ENGLISH: Language = {
    "wide": (
        "No power at our house and the whole street is dark",
        "Power went out, all the neighbours are out too",
        "The lights went off with a bang and the street lights are off as well",
        "whole neighbourhood without electricity for a while now",
        "Is there a power cut? Nothing works here, the shops opposite are dark too",
        "No electricity, when will it be back?",
        "power outage, no light at all in the house",
        "Our block has no power. My mother needs the lift",
    ),
    "local": (
        "No power in our part of the street, the houses opposite have light",
        "We are without electricity, five or six houses here",
        "Power is out, it flickered before it went",
        "no light here since the gust of wind, the next building is fine",
        "Half of our passage is dark",
    ),
    "single": (
        "Only my house has no power, the breaker inside is on",
        "No electricity at home, the neighbours have it",
        "The cable to my house came down, no power now",
    ),
    "important": (
        "We are on our generator, supply failed. Please give an estimate",
        "Supply to the site failed, generator is running but fuel is limited",
        "Main supply lost, we need to know when it returns",
    ),
    "again": (
        "I called before, we still have no power",
        "Second time I call: still no electricity, nobody has come",
    ),
    "hazard": (
        "A wire is down across the road, cars are driving over it",
        "Sparks from the pole in front of our house",
        "A car hit a power pole, it is leaning over the street",
        "Broken cable hanging low over the playground, children pass here",
        "The transformer on the corner is smoking",
        "tree fell on the power line and it is burning",
        "I got a shock from the metal street cabinet, the door is open",
    ),
    "power_quality": (
        "The voltage is very low in the evening, the fridge does not start",
        "Lights flicker all day",
        "Voltage is too high, two lamps burnt out this week",
        "The lights dim whenever the workshop next door starts its machine",
    ),
    "metering": (
        "The meter shows an error and no reading",
        "Please test my meter, the reading seems far too high",
        "The meter display is blank",
        "The meter box is broken after the storm",
    ),
    "new_connection": (
        "Application for a new connection for a house, single phase",
        "We want three-phase supply for our bakery",
        "New supply for a building site for four months",
    ),
    "inspection": (
        "Please inspect our installation before the school year",
        "Annual inspection of our customer station is due",
        "Request an inspection of the wiring after the flood",
    ),
    "complaint": (
        "Third outage this month, I want to complain",
        "Nobody came yesterday although I had an appointment",
        "I was promised a callback and nobody called",
    ),
    "enquiry": (
        "How can I pay my bill online?",
        "What documents do I need to change the name on the contract?",
        "Is there a planned outage next week in my street?",
        "What is the tariff for heating at night?",
    ),
    "street_light": (
        "The street light at the corner does not work",
        "Three street lamps are off here",
        "street lamp on all day",
    ),
}
CHINESE: Language = {
    "wide": (
        "我们这一片都停电了，什么时候来电？",
        "整条街都没电，路灯也不亮",
        "小区停电了，电梯不能用",
        "突然停电，邻居家也没有电",
        "刚刚没电了，周围都是黑的",
        "家里停电了，是不是计划停电？",
        "听到一声响以后就停电了",
        "没电了，麻烦尽快派人抢修",
    ),
    "local": (
        "我们这几户没电，对面有电",
        "停电了，灯闪了几下就灭了",
        "这一排房子都没电，别的楼正常",
        "家里没电，隔壁几家也没有",
        "刮大风以后我们这边几家停电",
    ),
    "single": (
        "只有我家没电，邻居家都有，家里开关没跳",
        "家里没电了，其他住户正常",
        "进户线断了，家里没电",
    ),
    "important": (
        "我单位供电中断，正在用自备发电机，请尽快恢复",
        "市电停了，发电机油料有限，请告知恢复时间",
        "重要负荷停电，请尽快派人抢修",
    ),
    "again": (
        "我刚才打过电话，现在还是没电",
        "第二次打电话了，还是停电，没人来",
    ),
    "hazard": (
        "电线掉在马路上了，很危险，请马上来人",
        "电线杆在冒火花",
        "有车撞了电线杆，杆子快倒了",
        "电缆断了垂下来，旁边有小孩经过",
        "路口的变压器在冒烟",
        "大树倒在电线上，着火了",
        "配电箱漏电，门也开着，有人被电到了",
    ),
    "power_quality": (
        "晚上电压很低，冰箱都启动不了",
        "灯一直闪，电压不稳",
        "电压偏高，这周烧坏了两个灯泡",
        "隔壁一开机器我家的灯就变暗",
    ),
    "metering": (
        "电表显示故障，没有读数",
        "申请校验电表，感觉走得太快",
        "电表黑屏了",
        "电表箱门坏了，请来修理",
    ),
    "new_connection": (
        "申请新装一户居民用电",
        "店铺要办理三相电新装",
        "工地临时用电申请，四个月",
    ),
    "inspection": (
        "请来做用电安全检查",
        "客户配电室年检预约",
        "浸水后申请检查线路安全",
    ),
    "complaint": (
        "这个月第三次停电了，我要投诉",
        "约好昨天上门，没有人来，投诉",
        "说好回访的，一直没有人联系我",
    ),
    "enquiry": (
        "怎么在网上交电费？",
        "过户需要带什么材料？",
        "请问下周我们这里有计划停电吗？",
        "夜间取暖电价是多少？",
    ),
    "street_light": (
        "路口的路灯不亮",
        "这里有三盏路灯坏了",
        "路灯白天一直亮着",
    ),
}


GERMAN: Language = {
    "wide": (
        "Bei uns ist der Strom weg, die ganze Straße ist dunkel",
        "Stromausfall im ganzen Viertel, auch die Nachbarn haben keinen Strom",
        "Seit ein paar Minuten kein Strom mehr, wann kommt er wieder?",
    ),
    "local": (
        "Bei uns und drei Nachbarn ist der Strom weg, gegenüber brennt Licht",
        "In unserem Teil der Straße ist kein Strom",
    ),
    "single": (
        "Nur bei mir ist der Strom weg, die Sicherung ist drin",
        "Kein Strom im Haus, die Nachbarn haben welchen",
    ),
    "important": (
        "Netzausfall, wir laufen auf dem Notstromaggregat, bitte Prognose",
        "Die Versorgung ist ausgefallen, der Diesel reicht nur wenige Stunden",
    ),
    "again": (
        "Ich habe schon angerufen, es ist immer noch kein Strom da",
        "Zweiter Anruf: noch immer kein Strom",
    ),
    "hazard": (
        "Ein Bagger hat ein Kabel erwischt, es hat gefunkt",
        "Der Kabelverteilerschrank steht offen und brummt",
        "Ein Baum liegt auf der Freileitung",
    ),
    "power_quality": ("Das Licht flackert ständig", "Die Spannung ist abends zu niedrig"),
    "metering": ("Der Zähler zeigt einen Fehler", "Bitte den Zähler prüfen, der Verbrauch ist zu hoch"),
    "new_connection": ("Wir brauchen einen neuen Hausanschluss", "Anschluss für eine Wallbox beantragen"),
    "inspection": ("Bitte die Kundenanlage prüfen", "Jährliche Prüfung der Station steht an"),
    "complaint": ("Gestern kam niemand zum vereinbarten Termin", "Schon der dritte Ausfall in diesem Jahr"),
    "enquiry": ("Wie melde ich mich um?", "Gibt es nächste Woche eine geplante Abschaltung?"),
    "street_light": ("Die Straßenlampe vor dem Haus ist aus", "Drei Laternen brennen nicht"),
}


def both(first: Language, second: Language) -> dict[str, Any]:
    """Pair two languages: what is said about outages by its name, the rest under `other`."""
    pairs = {name: (first[name], second[name]) for name in first}
    return {
        **{name: pairs[name] for name in OUTAGES},
        "other": {k: v for k, v in pairs.items() if k not in OUTAGES},
    }
