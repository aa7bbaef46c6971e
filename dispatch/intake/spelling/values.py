# ruff: noqa: E501 (words, a column a paragraph)
"""Words of other systems for what a column may hold: 农村 is rural, 停电 an outage."""

from __future__ import annotations

from collections.abc import Collection, Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "area": {
        "urban": "city town urbano urbana ciudad cidade 城市 城区 城镇 市区 市中心",
        "rural": "country countryside village campo 农村 乡村 乡镇 郊区",
        "remote": "isolated remoto remota aislado isolado 偏远 偏远地区 山区",
    },
    "phase": {
        "A": "l1 r u a相 相a a相线",
        "B": "l2 s v b相 b相线",
        "C": "l3 t w c相 c相线",
        "ABC": "abc相 三相 three 3 3ph three-phase trifasico trifásico trifásica rst",
    },
    "kind": {
        "outage": "no-power nopower blackout interruption falla corte sin-luz sin-suministro falta-de-energia "
        "falta-de-luz 停电 无电 没电 故障停电 停电报修 故障报修 电力故障 报修 抢修",
        "hazard": "danger emergency peligro perigo emergencia 危险 隐患 安全隐患 紧急 触电 断线",
        "power_quality": "voltage low-voltage flicker calidad qualidade 电压 低电压 电能质量 电压异常 频繁停电",
        "metering": "meter medidor medicion 计量 电表 表计 计量故障 电表故障",
        "new_connection": "connection conexion ligacao ligação 新装 业扩 报装 新装增容",
        "inspection": "check inspeccion inspecao inspeção 巡视 检查 用电检查",
        "complaint": "reclamo queja reclamacao reclamação 投诉 意见",
        "enquiry": "inquiry question information consulta informacion informacao 咨询 查询 业务咨询",
        "street_light": "streetlight lighting alumbrado iluminacao iluminação 路灯",
        "planned_work": "planned maintenance mantenimiento manutencao manutenção 计划 计划检修 计划停电",
        "last_gasp": "lastgasp poweroff power-down 失电 停电事件 停电上报",
        "supply_on": "powerup power-up restored restoration 上电 复电 来电 复电上报",
        "supply_off": "off no-supply 无电压",
        "tripped": "trip open opened 跳闸 分闸",
        "closed": "close 合闸",
    },
    "normal": {
        "open": "o abierto aberto off 0 分 断开 常开 分位 分闸",
        "closed": "c close cerrado fechado on 1 合 闭合 常闭 合位 合闸",
    },
    "present": {
        "open": "o abierto aberto off 0 分 断开 分位 分闸",
        "closed": "c close cerrado fechado on 1 合 闭合 合位 合闸",
    },
    "skills": {
        "hv": "mv high-voltage medium-voltage at mt media-tension 高压 中压 高压抢修",
        "lv": "low-voltage bt baja-tension baixa-tensao 低压 低压抢修",
        "cable": "cables cabo 电缆",
        "live_line": "live-line linea-viva linha-viva 带电 带电作业",
        "metering": "meter medidor medicion medicao 计量 表计",
        "tree": "trees poda 树障 清障 修枝",
        "switching": "maniobra manobra 倒闸 操作 倒闸操作",
        "control_room": "control 调度 监控",
    },
}


def word_of_ours(column: str, word: str, allowed: Collection[str]) -> str | None:
    """The word of ours that a word of another system stands for, where there is one."""
    small = "-".join(word.casefold().replace("_", "-").split())
    for ours in allowed:
        if ours.casefold().replace("_", "-") == small:
            return ours
    for ours, words in WORDS.get(column, {}).items():
        if ours in allowed and small in words.split():
            return ours
    return None
