# ruff: noqa: E501 - a sentence and its Chinese stand in one line
"""What is said of files, tables, mappings and reports: English with its fields, and Chinese.

A field in quotes, or with a capital letter, is what somebody wrote and stays so; any other may be a sentence itself.
"""

from __future__ import annotations

FILES = {
    # -- files ---------------------------------------------------------------------
    "does not exist": "不存在",
    "is empty": "为空",
    "is a file": "是文件",
    "is a file; a case is a folder": "是文件；方案应为文件夹",
    "is not empty": "非空",
    "is a directory; a file was expected": "是文件夹；此处应为文件",
    "is not an ordinary file": "不是普通文件",
    "cannot be read: {a}": "无法读取：{a}",
    "cannot be written: {a}": "无法写入：{a}",
    "has {a}; the limit is {b}": "大小为 {a}，上限 {b}",
    "unpacks to more than the limit": "解压后超过上限",
    "unpacks to more than {a}, the limit": "解压后超过上限 {a}",
    "is cut short or not a gzip file": "不完整，或不是 gzip 文件",
    "is a workbook or a zip archive under a wrong name; end an Excel file in .xlsx": (
        "是工作簿或压缩包，扩展名不对；Excel 文件请以 .xlsx 结尾"
    ),
    "is not a text file": "不是文本文件",
    "is neither UTF-8, UTF-16 nor GB18030 text; save it as UTF-8": "不是 UTF-8、UTF-16 或 GB18030 文本；请另存为 UTF-8",
    "is neither UTF-8, UTF-16 nor GB18030 text (line {a}); save it as UTF-8": (
        "不是 UTF-8、UTF-16 或 GB18030 文本（第 {a} 行）；请另存为 UTF-8"
    ),
    "is no text in {a}: byte {b}": "不是 {a} 文本：第 {b} 字节",
    "is cut short or not an Excel workbook": "不完整，或不是 Excel 工作簿",
    "is not a sound Excel workbook ({a})": "不是完好的 Excel 工作簿（{a}）",
    "defines an entity of its own ({a}), which is refused": "自定义了实体（{a}），不予读取",
    "holds a cell in row {a}; the limit is {b} rows": "第 {a} 行有单元格，上限 {b} 行",
    "holds a cell in column {a}; the limit is {b}": "第 {a} 列有单元格，上限 {b} 列",
    "holds more than {a} cells, the limit": "单元格超过上限 {a} 个",
    "has {a} columns; the limit is {b}": "有 {a} 列，上限 {b} 列",
    "has {a} lines; the limit is {b} rows": "有 {a} 行，上限 {b} 行",
    "has {a} rows; the limit is {b}": "有 {a} 行，上限 {b} 行",
    "has {a} rows; at most {b}": "有 {a} 行，最多 {b} 行",
    "has no row": "没有数据行",
    "has no row {a}": "没有第 {a} 行",
    "has a header but no row": "只有表头，没有数据行",
    "is not a sound CSV file: {a}": "不是完好的 CSV 文件：{a}",
    "has a quote in line {a} that is never closed": "第 {a} 行的引号没有闭合",
    "has more than {a} quotes that are never closed; first in {b}": "未闭合的引号超过 {a} 处；首处在 {b}",
    "quotes that are opened and never closed taken off": "未闭合的引号已去掉",
    "line {a}: {b}": "第 {a} 行：{b}",
    "takes longer than {a} s to read; the file is too large or damaged": "读取超过 {a} 秒；文件过大或已损坏",
    "takes more than {a} MB of memory to read; the file is too large or damaged": (
        "读取占用内存超过 {a} MB；文件过大或已损坏"
    ),
    "cannot be read; the file is damaged": "无法读取；文件已损坏",
    "cannot be read now: {a} other files are being read; send it again in a minute": (
        "暂时无法读取：另有 {a} 个文件正在读取；请一分钟后重新提交"
    ),
    "ends in '{a}'; expected {b}": "扩展名为“{a}”；应为 {b}",
    "is too large; at most {a} MiB": "过大，最多 {a} MiB",
    "would change {a} rows; at most {b} at a time": "将改动 {a} 行，一次最多 {b} 行",
    "depot '{a}' is missing, and crews are based there; send the crews with another depot first": (
        "缺少驻地“{a}”，而有班组驻在那里；请先提交改换驻地的班组表"
    ),
    # -- folders and settings ---------------------------------------------------------
    "missing": "缺少",
    "missing; expected {a}; is '{b}' meant?": "缺少；应有 {a}；是否为“{b}”？",
    "missing; expected {a}": "缺少；应有 {a}",
    "missing; expected {a}{b}": "缺少；应有 {a}{b}",
    "; is '{a}' meant?": "；是否为“{a}”？",
    "missing; a value is required": "缺少，此项必填",
    "{a} are both there; keep one of them": "{a} 同时存在；请只留一个",
    "'{a}' is a path; expected a file name of this folder": "“{a}”是路径；应为本文件夹中的文件名",
    "there is no file '{a}' here": "此处没有文件“{a}”",
    "there is no file '{a}' here{b}": "此处没有文件“{a}”{b}",
    "there is no built-in policy '{a}'": "没有内置规则“{a}”",
    "there is no built-in policy '{a}'{b}": "没有内置规则“{a}”{b}",
    "; built in are {a}": "；内置的有 {a}",
    "is not sound YAML: {a}": "不是完好的 YAML：{a}",
    "is not a list of 'key: value' lines": "不是“键: 值”的列表",
    "holds no 'key: value' lines": "没有“键: 值”的内容",
    "stands already in line {a}": "在第 {a} 行已出现",
    "unknown key": "没有这一项",
    "unknown key{a}": "没有这一项{a}",
    "holds several values; expected one": "有多个值；应只有一个",
    "'{a}' is no time zone; expected an IANA name such as Asia/Shanghai": "“{a}”不是时区；应如 Asia/Shanghai",
    "'{a}' is no time zone; expected a name such as Asia/Shanghai": "“{a}”不是时区；应如 Asia/Shanghai",
    "'{a}' is no coordinate system; expected WGS84, GCJ-02, BD-09 or a code such as EPSG:4549": (
        "“{a}”不是坐标系；应为 WGS84、GCJ-02、BD-09 或代码如 EPSG:4549"
    ),
    # -- headers and layout -------------------------------------------------------------
    "has no name": "没有名称",
    "column {a} has no name": "第 {a} 列没有名称",
    "missing column": "缺少此列",
    "missing column{a}": "缺少此列{a}",
    "; the only column found is '{a}'": "；只找到一列“{a}”",
    "unknown column": "不认识的列",
    "unknown column{a}": "不认识的列{a}",
    "stands here twice": "出现两次",
    "headings read by their meaning": "按含义识别的表头",
    "columns not used": "未使用的列",
    "words read by their meaning": "按含义识别的词",
    "row {a}, column '{b}': '{c}'": "第 {a} 行“{b}”列：“{c}”",
    "row {a}, column '{b}': {c}": "第 {a} 行“{b}”列：{c}",
    "row {a}, columns 'lon' and 'lat': {b}": "第 {a} 行 lon、lat 两列：{b}",
    "column '{a}': {b}": "“{a}”列：{b}",
    "columns 'lon' and 'lat': {a}": "lon、lat 两列：{a}",
    "row {a}: '{b}'": "第 {a} 行：“{b}”",
    "row {a}: {b}": "第 {a} 行：{b}",
    "lines above the header left out": "表头以上的行已略去",
    "{a} left out": "{a}已略去",
    "repeated header": "重复的表头",
    "repeated header left out": "重复的表头已略去",
    "row of totals": "合计行",
    "line below the table": "表后说明行",
    "rows in which every cell is empty left out": "全空的行已略去",
    "row of units read with the headings": "单位行并入表头",
    "a day and a time in two columns read as one": "分列的日期与时刻已合并",
    "'{a}' and '{b}' are '{c}', such as {d}": "“{a}”与“{b}”合为“{c}”，如 {d}",
    "coordinates in one column ('{a}') read as {b}": "同列坐标（“{a}”）读作{b}",
    "longitude, latitude": "经度、纬度",
    "latitude, longitude": "纬度、经度",
    "ends reckoned from the beginning and '{a}'": "结束时间由开始时间与“{a}”推算",
    "{a} and {b} are {c}": "{a} 加 {b} 得 {c}",
    "another sheet than the first read": "读取的不是第一张工作表",
    "sheets with the same headings read as one table": "表头相同的工作表合为一张表",
    "hidden sheets not read": "隐藏的工作表未读取",
    "'{a}': {b} rows, counted from row {c} on": "“{a}”：{b} 行，自第 {c} 行起计",
    "merged cells read in each of their rows": "合并单元格按每行读取",
    "formulas that were never reckoned taken as empty; open the file in a spreadsheet and save it": (
        "未计算的公式按空处理；请在表格软件中打开并保存"
    ),
    "marks that force a cell to be text taken off": "强制文本的标记已去掉",
    "cells with characters that nobody can read": "含乱码的单元格",
    "full-width characters read as ordinary ones": "全角字符按半角读取",
    "cells taken as empty": "按空处理的单元格",
    "cells taken as empty, because they cannot be right": "不可能正确、按空处理的单元格",
    "decimals of ids taken off": "编号末尾的小数已去掉",
    # -- bad rows -----------------------------------------------------------------------------
    "{a} of {b} rows are bad; up to {c} % are set aside. Mend them, or allow more with bad_rows_percent in "
    "settings.yaml": "{b} 行中有 {a} 行有错；最多搁置 {c} %。请改正，或在 settings.yaml 用 bad_rows_percent 放宽",
    "{a} of {b} rows are bad; up to {c} % are set aside. Mend them, or allow more with bad_rows_percent in "
    "settings.yaml. {d}": "{b} 行中有 {a} 行有错；最多搁置 {c} %。请改正，或在 settings.yaml 用 bad_rows_percent 放宽。{d}",
    # -- coordinates ---------------------------------------------------------------------------
    "coordinates read as {a}": "坐标按 {a} 读取",
    "coordinates read as {a}, as the other tables are": "坐标按 {a} 读取，与其他表一致",
    "coordinates read as {a}, in which they lie where they belong": "坐标按 {a} 读取，位置相符",
    "coordinates read as longitude and latitude swapped, in which they lie near the roads": "经纬度对调后读取，位置靠近道路",
    "places taken as they stand, though those of another table were {a}; if these are too, state coordinates in a "
    "mapping": "坐标按原样读取，而另一张表为 {a}；若此表也是，请在映射文件中写明 coordinates",
    "are no degrees ({a}); they look like {b}": "不是经纬度（{a}），似为 {b}",
    "are no degrees ({a}) but metres of a projection, and too few to tell which; state it in settings.yaml, such as "
    "coordinates: EPSG:4549": "不是经纬度（{a}），而是投影坐标，点太少无法判断；请在 settings.yaml 写明，如 coordinates: EPSG:4549",
    "are no degrees ({a}) but metres of a projection, and none that is known brings them near the grid and the roads; "
    "state it in settings.yaml, such as coordinates: EPSG:4549": (
        "不是经纬度（{a}），而是投影坐标，但没有已知投影能使其靠近电网和道路；请在 settings.yaml 写明，如 coordinates: EPSG:4549"
    ),
    "all {a} places lie about {b} m {c} of where they belong, in one direction; nothing was moved": (
        "全部 {a} 个位置一致偏向{c}约 {b} 米；未作改动"
    ),
    "all {a} places lie about {b} m {c} of where they belong, in one direction; nothing was moved; they look like {d}": (
        "全部 {a} 个位置一致偏向{c}约 {b} 米；未作改动；似为 {d}"
    ),
    "all {a} places lie about {b} m {c} of where they belong, in one direction, as the map shift of {d} does it: "
    "coordinates read as {e}": "全部 {a} 个位置一致偏向{c}约 {b} 米，符合 {d} 偏移：坐标按 {e} 读取",
    "all {a} places lie about {b} m {c} of where they belong, in one direction": "全部 {a} 个位置一致偏向{c}约 {b} 米",
    "{a}; nothing was moved{b}": "{a}；未作改动{b}",
    "; they look like {a}": "；似为 {a}",
    "{a}, as the map shift of {b} does it: coordinates read as {c}": "{a}，符合 {b} 偏移：坐标按 {c} 读取",
    "row {a}: {b} and {c}": "第 {a} 行：{b} 与 {c}",
    "row {a}: {b} is {c}, {d}": "第 {a} 行：{b} 读作 {c}, {d}",
    "WGS 84, and where they belong is GCJ-02": "WGS 84，而所属位置为 GCJ-02",
    "longitude and latitude swapped": "经纬度对调",
    "Web Mercator (EPSG:3857)": "Web 墨卡托（EPSG:3857）",
    "UTM zone {a} from the equator (EPSG:{b})": "UTM {a} 带，自赤道起算（EPSG:{b}）",
    "UTM zone {a} (EPSG:{b})": "UTM {a} 带（EPSG:{b}）",
    "CGCS2000 / 6-degree Gauss-Kruger CM {a}E, zone before the easting (EPSG:{b})": (
        "CGCS2000 六度带高斯-克吕格，中央经线 {a}°E，横坐标带号（EPSG:{b}）"
    ),
    "CGCS2000 / 3-degree Gauss-Kruger CM {a}E, zone before the easting (EPSG:{b})": (
        "CGCS2000 三度带高斯-克吕格，中央经线 {a}°E，横坐标带号（EPSG:{b}）"
    ),
    "CGCS2000 / 3-degree Gauss-Kruger CM {a}E (EPSG:{b})": "CGCS2000 三度带高斯-克吕格，中央经线 {a}°E（EPSG:{b}）",
    "{a}, northing first": "{a}，纵坐标在前",
    "north": "北",
    "south": "南",
    "east": "东",
    "west": "西",
    "north-east": "东北",
    "north-west": "西北",
    "south-east": "东南",
    "south-west": "西南",
    # -- mapping, import ----------------------------------------------------------------------
    "no grid and no list of transformers is among them; a case needs one of the two": (
        "其中没有电网，也没有配变清单；两者至少要有一个"
    ),
    "{A}: {b} rows": "{A}：{b} 行",
    "{A} <- {B}, because {C} of its cells are {d}": "{A} <- {B}，因为其中 {C} 的单元格是{d}",
    "{A} <- {B}, because its cells are {c}; please check": "{A} <- {B}，因为其单元格{c}；请核对",
    "{A} <- {B}: {c}": "{A} <- {B}：{c}",
    "times": "是时间",
    "different in every row": "每行各不相同",
    "transformers": "配变",
    "customers": "用户",
    "depots": "驻地",
    "crews": "班组",
    "(not shown)": "（不显示）",
    "(empty)": "（空）",
    "{a}: not used; no table of ours looks like it": "{a}：未使用；不像任何一种表",
    "{A}: the layers that the grid is drawn in; look it through": "{A}：电网所在的图层；请核对",
    "not used: {A}": "未使用：{A}",
    "MISSING, please add: {A}": "缺少，请补充：{A}",
    "settings: time_zone: which zone do the files' times belong to? UTC is written for now": (
        "settings: time_zone：文件中的时间属于哪个时区？暂写 UTC"
    ),
    "settings: now: which moment is the plan made for? A day of no meaning is written": (
        "settings: now：方案针对哪一时刻？暂写一个无意义的日期"
    ),
    "tables: {A}: no file of them was found; the case needs one": "tables: {A}：没有找到文件；方案需要一份",
    "roads: none were found; without them drives follow the lines of the grid": "roads：没有找到道路；行车将沿电网线路计算",
    "is no mapping file; `gridcrew case new` writes one": "不是映射文件；可用 gridcrew case new 生成",
    "missing; give a grid, or a list under transformers": "缺少；请给出电网，或在 transformers 下给出配变清单",
    "is unknown": "不认识",
    "is unknown{a}": "不认识{a}",
    "'{a}' is no encoding": "“{a}”不是字符编码",
    "'{a}' is no number from 0 on": "“{a}”不是不小于 0 的数",
    "is not in the file; it has {a}": "文件中没有；文件中有 {a}",
    "has no sheet '{a}'; it has {b}": "没有工作表“{a}”；有 {b}",
    "is not in the mapping; a value is required": "映射文件中没有，此项必填",
    "rows not taken, because '{a}' is not {b}": "因“{a}”不是 {b} 而未取用的行",
    "words read as the mapping says": "按映射文件替换的词",
    "units read as the mapping says": "按映射文件换算的单位",
    "times read as the mapping says": "按映射文件识别的时间",
    "leading zeros put back, as the mapping says": "按映射文件补回的前导零",
    "is not empty and was not made by an import; give a new folder": "非空，且不是导入生成的；请换一个新文件夹",
    "{a}; a case is made in a new folder": "{a}；方案须放在新文件夹中",
    "no roads were given: drives follow the lines of the grid, NOT roads": "没有给出道路：行车沿电网线路计算，并非道路",
    "has no transformer": "没有配变",
    "has no transformer and no load: nobody to supply": "没有配变也没有负荷：无人可供",
    "no lines were given: each of the {a} transformers hangs on the source of its feeder (feeders: {b}) by a line of "
    "its own; sources lie in the middle of their transformers": (
        "没有给出线路：{a} 台配变各以一条专线接到其馈线电源（馈线 {b} 条）；电源置于所供配变的中央"
    ),
    "{a} is not between 1 and {b}": "{a} 不在 1 至 {b} 之间",
    # -- exported -----------------------------------------------------------------------------
    "is already there; give another name": "已存在；请换个名称",
    "not in CIM100: {a} cables are read back as overhead lines": "CIM100 不含：{a} 条电缆读回时按架空线",
    "not in CIM100: {a} ratings of lines": "CIM100 不含：{a} 条线路的额定值",
    "not in CIM100: {a} breakers and reclosers worked by hand are read back as remote": (
        "CIM100 不含：{a} 台手动断路器或重合器读回时按遥控"
    ),
    "not in CIM100: {a} names beside ids": "CIM100 不含：{a} 个编号以外的名称",
    "not in CIM100: {a} low-voltage mains are written at the bus of their transformer": (
        "CIM100 不含：{a} 条低压干线写在其配变所在母线"
    ),
    # -- compared, by night ------------------------------------------------------------------
    "nothing differs": "没有差异",
    "{a}: {b} new ({C})": "{a}：新增 {b}（{C}）",
    "{a}: {b} gone ({C})": "{a}：消失 {b}（{C}）",
    "{a}: {b} moved ({C})": "{a}：移位 {b}（{C}）",
    "{a}: {b} changed ({C})": "{a}：变更 {b}（{C}）",
    "roster": "排班",
    "switches": "开关",
    "lines": "线路",
    "{a}: {b} % would be gone; a person decides": "{a}：将消失 {b} %；须由人决定",
    "{a} rows differ; from {b} on a second person decides": "有 {a} 处差异；达到 {b} 处须由第二人决定",
    "{a}: the server has all of it already": "{a}：服务器上已是最新",
    "{a}: version {b} waits ({c})": "{a}：第 {b} 版待决定（{c}）",
    "{a}: version {b} waits ({c}): {d}": "{a}：第 {b} 版待决定（{c}）：{d}",
    "{a}: version {b} is in force ({c})": "{a}：第 {b} 版已生效（{c}）",
    "{a} % would be gone": "将消失 {a} %",
    "the grid itself takes effect when the server starts next": "电网本身在服务器下次启动时生效",
    "customers: {a} hang on transformers that the grid in force does not have; they come with it": (
        "用户：{a} 户所属配变不在现行电网中；随新电网生效"
    ),
    "{A}: waits for a person; {B} is as it was": "{A}：待人决定；{B} 未改动",
    "{A}: in force": "{A}：已生效",
    "missing; a server wants a token": "缺少；服务器需要令牌",
    "'{a}' is no address; expected such as https://HOST": "“{a}”不是地址；应如 https://HOST",
    "'{a}' would send the token unprotected; expected https": "“{a}”会明文发送令牌；应用 https",
    "does not answer: {a}": "没有回应：{a}",
    "the server answers {a}": "服务器回应 {a}",
    "{A}: written; look through it, then: gridcrew case import {B} --out CASE": (
        "{A}：已写好；请先核对，然后：gridcrew case import {B} --out CASE"
    ),
    "{A}: rows set aside; mend them and bring them in again": "{A}：搁置的行；改正后可再次导入",
    "{A}: {b} customers, {c} requests, {d} crews, {e} depots, {f} transformers": (
        "{A}：用户 {b}，诉求 {c}，班组 {d}，驻地 {e}，配变 {f}"
    ),
    "{A}: is already there; give another name with --out": "{A}：已存在；请用 --out 换个名称",
    "note: {a}": "注意：{a}",
    "reading {A} ...": "正在读取 {A} ……",
    "writing ...": "正在写入 ……",
    # -- the report -----------------------------------------------------------------------------
    "{a}: {b} rows read, {c} used, {d} set aside": "{a}：读取 {b} 行，采用 {c} 行，搁置 {d} 行",
    "  set aside: row {a}: {b}": "  搁置：第 {a} 行：{b}",
    "  ... and {a} more rows set aside": "  ……另有 {a} 行搁置",
    "... and {a} more": "……另有 {a} 项",
    "{a} fault": "{a} 处错误",
    "{a} faults": "{a} 处错误",
}
