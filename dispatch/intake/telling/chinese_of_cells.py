# ruff: noqa: E501 - a sentence and its Chinese stand in one line
"""What is said of cells and rows: English with its fields, and Chinese.

A field in quotes, or with a capital letter, is what somebody wrote and stays so; any other may be a sentence itself.
"""

from __future__ import annotations

CELLS = {
    # -- where ---------------------------------------------------------------------
    "row {a}": "第 {a} 行",
    "row {a}, column '{b}'": "第 {a} 行“{b}”列",
    "row {a}, columns 'lon' and 'lat'": "第 {a} 行 lon、lat 两列",
    "columns 'lon' and 'lat'": "lon、lat 两列",
    "all {a} rows, column '{b}'": "全部 {a} 行“{b}”列",
    "column '{a}'": "“{a}”列",
    "column {a}": "第 {a} 列",
    "line {a}": "第 {a} 行",
    "line {a}, key '{b}'": "第 {a} 行“{b}”项",
    "key '{a}'": "“{a}”项",
    # -- of any cell -----------------------------------------------------------------
    "is empty; a value is required": "为空，此项必填",
    "is empty; a value is required where roster has no rule for the crew": "为空；班组没有排班规则时此项必填",
    "is empty though the other coordinate is given": "为空，而另一个坐标已填",
    "{a} (first row)": "{a}（首行）",
    "holds {a}, which no text does": "含有文本中不应出现的字符 {a}",
    "holds the Excel error {a}": "单元格是 Excel 错误值 {a}",
    "'{a}' was shortened by a spreadsheet, and its last digits are lost; export it as text": (
        "“{a}”已被表格软件截短，末几位丢失；请按文本格式导出"
    ),
    "'{a}' is unknown": "没有“{a}”这个取值",
    "'{a}' is unknown{b}": "没有“{a}”这个取值{b}",
    "'{a}' is neither yes nor no": "“{a}”不是“是”或“否”",
    "'{a}' stands here twice": "“{a}”在此出现两次",
    "'{a}' is {b}": "“{a}”读作 {b}",
    "; did you mean '{a}'?": "；是否应为“{a}”？",
    "; expected one of {a}": "；应为下列之一：{a}",
    "; known: {a}": "；已有：{a}",
    "'{a}' stands in an earlier row too; keep one": "“{a}”在前面的行中已有；请只留一个",
    "is the same in every cell as row {a}": "与第 {a} 行完全相同",
    "'{a}' is already the id of row {b}": "编号“{a}”在第 {b} 行已使用",
    "'{a}' is already the id of row {b}, and the two shifts overlap": "编号“{a}”在第 {b} 行已使用，且两个班次时间重叠",
    "has {a} cells; the header has {b}": "有 {a} 个单元格，表头只有 {b} 个",
    "has only {a} of {b} cells": "应有 {b} 个单元格，只有 {a} 个",
    # -- numbers -----------------------------------------------------------------------
    "is {a}; {b}": "为 {a}，{b}",
    "is {a}; must be a whole number": "为 {a}，应为整数",
    "must be above {a}": "应大于 {a}",
    "must be at least {a}": "应不小于 {a}",
    "must be at most {a}": "应不大于 {a}",
    "; are lon and lat swapped?": "；经纬度是否填反？",
    "are lon and lat swapped?": "经纬度是否填反？",
    "'{a}' is not a number": "“{a}”不是数字",
    "'{a}' is not a number; leave the cell empty where the value is unknown": "“{a}”不是数字；数值未知时请留空",
    "'{a}' is not a number; write the decimals after a point": "“{a}”不是数字；小数点请用“.”",
    "'{a}' is either {b} or {c}; write it without a comma, decimals after a point": (
        "“{a}”可能是 {b}，也可能是 {c}；请不用逗号，小数点用“.”"
    ),
    "read in the unit of the heading": "按表头单位换算",
    "all of 100 and more taken for volts": "数值全部在 100 以上，按伏特计",
    "decimal commas read": "小数逗号已识别",
    "marks between thousands taken out": "千位分隔符已去掉",
    "degrees, minutes and seconds turned into degrees": "度分秒已换算为度",
    "units behind the number taken off": "数字后的单位已去掉",
    "units behind the number taken off, in {a}": "数字后的单位已去掉，换算为 {a}",
    "'{a}' is no stock; expected what:quantity, such as fuse:4": "“{a}”不是物资；应写作 名称:数量，如 fuse:4",
    "'{a}': quantity is {b}; must be at least 0": "“{a}”数量为 {b}，不应小于 0",
    # -- times -----------------------------------------------------------------------------
    "'{a}' is no time; expected HH:MM": "“{a}”不是时刻；应为 HH:MM",
    "'{a}' is no day; expected YYYY-MM-DD, such as 2026-07-14": "“{a}”不是日期；应为 YYYY-MM-DD，如 2026-07-14",
    "'{a}' is not a likely year": "“{a}”年份不合理",
    "'{a}' is a day without a time; expected such as {b}": "“{a}”只有日期没有时刻；应如 {b}",
    "'{a}' is a time of day without a day; expected such as 2026-07-14 18:30": (
        "“{a}”只有时刻没有日期；应如 2026-07-14 18:30"
    ),
    "'{a}' has a year of two digits; write all four, or state in a mapping how it is written": (
        "“{a}”年份只有两位；请写四位，或在映射文件中注明格式"
    ),
    "'{a}' is not a time; expected such as 2026-07-14T18:30:00-04:00 or 2026-07-14 18:30": (
        "“{a}”不是时间；应如 2026-07-14T18:30:00+08:00 或 2026-07-14 18:30"
    ),
    "is a time of day without a day; expected such as 2026-07-14 18:30": "只有时刻没有日期；应如 2026-07-14 18:30",
    "has a year of two digits; write all four, or state in a mapping how it is written": (
        "年份只有两位；请写四位，或在映射文件中注明格式"
    ),
    "is not a time; expected such as 2026-07-14T18:30:00-04:00 or 2026-07-14 18:30": (
        "不是时间；应如 2026-07-14T18:30:00+08:00 或 2026-07-14 18:30"
    ),
    "'{a}' is no moment that exists": "“{a}”这一时刻不存在",
    "'{a}' has no offset": "“{a}”未注明时区",
    "'{a}' has no offset, and no time zone is stated": "“{a}”未注明时区，也没有给出所在时区",
    "'{a}' has no offset; {b}": "“{a}”未注明时区；{b}",
    "'{a}' states the zone {b}, which is not {c}'s; write an offset": "“{a}”注明时区 {b}，与 {c} 不符；请写明偏移",
    "clocks in {a} skip this time": "{a} 当地时钟拨快，没有这一时刻",
    "in {a} it would be {b}": "按 {a} 时区应为 {b}",
    "in {a} it is {b}: clocks are set back": "按 {a} 时区可为 {b}：时钟回拨",
    "{a}: {b}; write it as text with an offset": "{a}：{b}；请写成带偏移的文本",
    "'{a}' is either day {b} of month {c} or day {d} of month {e} ({f}); write the year first, such as {g}": (
        "“{a}”可能是 {c} 月 {b} 日，也可能是 {e} 月 {d} 日（{f}）；请把年写在前，如 {g}"
    ),
    "other rows show both orders": "其他行两种写法都有",
    "no other row tells": "其他行看不出来",
    "times {a}": "时间{a}",
    "times {a}, read in {b}": "时间{a}，按 {b} 时区理解",
    "written without an offset": "未写时区",
    "written in Chinese": "用中文书写",
    "written year first with other marks than ISO": "年在前，分隔符非 ISO",
    "written with the month's name": "月份用名称书写",
    "written day first": "日在前",
    "written month first": "月在前",
    "written {a} first, as other rows of the column show": "按本列其他行判断 {a} 在前",
    "day numbers of Excel": "为 Excel 日期序号",
    "written without marks": "无分隔符",
    "counted from 1970, UTC": "为 1970 年起的秒数（UTC）",
    # -- names of other tables ------------------------------------------------------------
    "there is no {a} '{b}'": "没有{a}“{b}”",
    "there is no {a} '{b}'{c}": "没有{a}“{b}”{c}",
    "transformer": "配变",
    "depot": "驻地",
    "crew": "班组",
    "customer": "用户",
    "switch": "开关",
    "customer, transformer, main or device": "用户、配变、低压出线或设备",
    "ids joined without regard to zeros, spaces and capitals": "编号按忽略前导零、空格和大小写对应",
    "named by its name, not its id": "写的是名称而非编号",
    # -- places ------------------------------------------------------------------------------
    "look swapped in all {a} rows that have them": "全部 {a} 行的经纬度似乎填反",
    "{a} is far from the roads; lon and lat look swapped": "{a} 离道路很远；经纬度似乎填反",
    "{a} is {b} from the nearest road; at most {c} allowed": "{a} 距最近道路 {b}，最多允许 {c}",
    # -- crews, rosters, requests --------------------------------------------------------------
    "is no break; expected FROM-TO/MINUTES, such as 12:00-13:30/30": "不是休息时间；应为 起-止/分钟，如 12:00-13:30/30",
    "'{a}' is no break; expected FROM-TO/MINUTES, such as 12:00-13:30/30": (
        "“{a}”不是休息时间；应为 起-止/分钟，如 12:00-13:30/30"
    ),
    "'{a}' {b}": "“{a}”{b}",
    "lasts '{a}'; expected minutes above 0": "时长“{a}”；应为大于 0 的分钟数",
    "closes before it opens": "结束早于开始",
    "does not lie within the shift": "不在班次之内",
    "{a} is not after the shift's start, {b}": "{a} 不晚于班次开始时间 {b}",
    "makes a shift of {a} h; at most {b} h are likely": "班次长达 {a} 小时，最多 {b} 小时才合理",
    "clocks in {a} skip {b}": "{a} 当地时钟拨快，没有 {b}",
    "{a} is {b} days after the case's now": "{a} 比方案当前时刻晚 {b} 天",
    "{a} is before {b}: the window closes before it opens": "{a} 早于 {b}：预约结束早于开始",
    "{a} is before the first day, {b}": "{a} 早于首日 {b}",
    "stands beside a rotation; keep one of weekdays and cycle_days": "与轮班同时填写；weekdays 和 cycle_days 只留一个",
    "'{a}' is no day of the rotation; expected 1 to {b}": "“{a}”不是轮班中的一天；应为 1 至 {b}",
    # -- history ----------------------------------------------------------------------------------
    "needs a column 'customers' or 'customer'": "需要 customers 或 customer 列",
    "column 'on_at': is empty: supply is not back yet, and the interruption counts when it is": (
        "“on_at”列为空：尚未复电，复电后才计入"
    ),
    "is {a}; must be 1 or empty where `customer` names one": "为 {a}；写明单个用户时应为 1 或留空",
    "is {a}; supply cannot be back before it was lost ({b})": "为 {a}；复电不会早于停电（{b}）",
    "makes an interruption of {a} days; at most {b} are likely": "停电长达 {a} 天，最多 {b} 天才合理",
    "column 'customers': is {a}, more than the {b} customers served": "“customers”列为 {a}，多于供电总户数 {b}",
    "repeats row {a}, and is counted once": "与第 {a} 行重复，只计一次",
    "customer '{a}' is out twice from {b}": "用户“{a}”自 {b} 起重复停电",
    "records that overlap another one of the same customer, counted as one interruption": (
        "同一用户时间重叠的记录，按一次停电计"
    ),
    "'{a}': {b} of {c}": "“{a}”：{b} / {c}",
    "interruptions of more customers than are served, counted as they are": "停电户数多于供电户数，按原样计入",
    "{a} of {b} from {c}": "自 {c} 起 {a} / {b}",
    "times with more customers out at once than are served, counted as they are; records may overlap": (
        "同时停电户数多于供电户数的时段，按原样计入；记录可能重叠"
    ),
}
