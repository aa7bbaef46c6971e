# ruff: noqa: E501 (a column a line or two)
"""What each file of a case folder holds: one table of columns per file.

The same records drive parsing, the messages about faults, the templates and
`docs/case-folder.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ..ground.beliefs import RANGES

Kind = Literal[
    "text", "id", "integer", "number", "yes/no", "time", "clock", "day", "choice", "list", "amounts", "breaks"
]

SKILLS = ("hv", "lv", "cable", "live_line", "metering", "tree", "switching", "control_room")
REQUEST_KINDS = (
    "outage",
    "hazard",
    "power_quality",
    "metering",
    "new_connection",
    "inspection",
    "complaint",
    "enquiry",
    "street_light",
    "planned_work",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a file, or one key of the settings.

    Parameters
    ----------
    kind : how a cell is written; `KINDS` says it in words.
    default : the parsed value of an empty cell (None: unknown).
    allowed : the only values there are, for a ``choice`` or the items of a ``list``.
    least, most : inclusive bounds of a number; `above` is an exclusive lower bound.
    refers_to : the file whose `id` the cell must name.
    header_zh : the Chinese header that is understood as well.
    """

    name: str
    kind: Kind
    meaning: str
    example: str = ""
    unit: str = ""
    required: bool = False
    default: Any = None
    allowed: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    above: float | None = None
    refers_to: str = ""
    header_zh: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One file of the case folder: its name without ending, the endings it may have, its columns.

    Parameters
    ----------
    unique : whether an `id` may stand in one row only.
    """

    name: str
    endings: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]
    optional_file: bool = False
    unique: bool = True

    @cached_property
    def column_by_name(self) -> Mapping[str, Column]:
        """Columns by their name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def column_by_header(self) -> Mapping[str, Column]:
        """Columns by every header that is understood, in small letters."""
        by_header = {column.name: column for column in self.columns}
        by_header.update({column.header_zh: column for column in self.columns if column.header_zh})
        return by_header


def lon_column(required: bool, example: str = "-71.2515") -> Column:
    """The column of longitudes."""
    return Column(
        name="lon", kind="number", unit="degrees", required=required, least=-180, most=180,
        example=example, meaning="Longitude, WGS 84.", header_zh="经度",
    )  # fmt: skip


def lat_column(required: bool, example: str = "-29.9045") -> Column:
    """The column of latitudes."""
    return Column(
        name="lat", kind="number", unit="degrees", required=required, least=-90, most=90,
        example=example, meaning="Latitude, WGS 84.", header_zh="纬度",
    )  # fmt: skip


SETTINGS = Table(
    name="settings",
    endings=(".yaml",),
    meaning="What is true of the whole case, one `key: value` a line.",
    columns=(
        Column(name="name", kind="text", required=True, example="Small town", meaning="Shown with every plan."),
        Column(
            name="time_zone", kind="text", required=True, example="America/Santiago",
            meaning="IANA name of the zone that times are shown in and that Excel dates are read in.",
        ),
        Column(
            name="now", kind="time", required=True, example="2026-07-14T18:30:00-04:00",
            meaning="The moment the plan is made for; crews start from here.",
        ),
        Column(
            name="language", kind="choice", default="en", allowed=("en", "zh"), example="en",
            meaning="Language of route sheets and messages.",
        ),
        Column(
            name="policy", kind="text", default="policy.yaml", example="cn",
            meaning="Policy file in this folder (YAML or Excel), or the name of a built-in pack such as `cn`.",
        ),
        Column(
            name="unserved_after_h", kind="number", unit="h", default=48.0, above=0, example="48",
            meaning="Customers whom the plan never restores count as restored so long after `now`.",
        ),
        Column(
            name="operator_min", kind="number", unit="min", default=3.0, least=0, example="3",
            meaning="Time the control room needs for one remote switching step.",
        ),
        Column(
            name="travel_cost_per_min", kind="number", unit="cost/min", default=1.0, least=0, example="1",
            meaning="Price of driving.",
        ),
        Column(
            name="overtime_cost_per_min", kind="number", unit="cost/min", default=60.0, least=0, example="60",
            meaning="Price of overtime.",
        ),
        Column(
            name="change_cost", kind="number", unit="cost", default=0.0, least=0, example="500",
            meaning="Price of moving a job of the published plan to another crew.",
        ),
        Column(
            name="max_snap_m", kind="number", unit="m", default=2000.0, above=0, example="2000",
            meaning="What lies farther than this from every road is a fault.",
        ),
        Column(
            name="rest_h", kind="number", unit="h", default=11.0, least=0, most=48, example="11",
            meaning="Rest of a crew between two shifts, checked when it is called in.",
        ),
        Column(
            name="shift_h", kind="number", unit="h", default=13.0, above=0, most=24, example="13",
            meaning="Longest shift, with the hours by which a crew is called in early.",
        ),
        Column(
            name="week_h", kind="number", unit="h", default=48.0, above=0, most=168, example="48",
            meaning="Most hours of a crew in any seven days.",
        ),
        Column(
            name="days_in_row", kind="number", unit="days", default=6.0, least=1, most=28, example="6",
            meaning="Most days of work on end.",
        ),
        Column(
            name="duty_phone", kind="text", example="+56 51 200 0000",
            meaning="Number of the duty room, shown on crews' phones and sheets.",
        ),
        Column(
            name="bad_rows_percent", kind="number", unit="%", default=5.0, least=0, most=100, example="5",
            meaning="Bad rows of customers, requests or signs are set aside up to this share; above it the file "
            "is refused. One bad row never refuses it.",
        ),
        Column(
            name="coordinates", kind="text", default="", example="EPSG:4549",
            meaning="What `lon` and `lat` of the tables are: WGS84, GCJ-02, BD-09 or an EPSG code. Empty: degrees; "
            "what is none is recognised by where it lies, and said.",
        ),
        Column(
            name="second_person_from_rows", kind="integer", default=1000, least=0, example="200",
            meaning="Standing data that changes so many rows is put in force by another person than sent it; 0: by anybody "
            "who may.",
        ),
        Column(
            name="truck_height_m", kind="number", unit="m", default=3.6, above=0, most=6, example="3.2",
            meaning="The crews' highest vehicle: streets with a lower limit are not driven, where the roads state limits.",
        ),
        Column(
            name="truck_width_m", kind="number", unit="m", default=2.5, above=0, most=5, example="2.2",
            meaning="As `truck_height_m`: the widest vehicle.",
        ),
        Column(
            name="truck_weight_t", kind="number", unit="t", default=12.0, above=0, most=100, example="3.5",
            meaning="As `truck_height_m`: the heaviest vehicle, in tonnes; above 3.5 t `hgv=no` counts too.",
        ),
        Column(
            name="silent_after_min", kind="number", unit="min", default=120.0, least=0, example="90",
            meaning="The board warns of a crew at work that has said nothing for so long; 0 never warns.",
        ),
        Column(
            name="unread_text_after_min", kind="number", unit="min", default=10.0, least=0, example="5",
            meaning="A crew that has not read its changed route for so long gets a text message; 0 sends none.",
        ),
        Column(
            name="synthetic", kind="text", example="grid grown on real streets",
            meaning="What of the case is not real; shown wherever the case is shown.",
        ),
        Column(
            name="attribution", kind="list", default=(), example="(c) OpenStreetMap contributors, ODbL",
            meaning="Whom to thank for the data, one line each (a YAML list).",
        ),
    ),
)  # fmt: skip

REQUESTS = Table(
    name="requests",
    endings=(".csv", ".csv.gz", ".xlsx", ".geojson", ".gpkg"),
    meaning="What people reported or asked for, a row each, as they said it.",
    columns=(
        Column(name="id", kind="id", required=True, example="R1", meaning="Unique.", header_zh="报修编号"),
        Column(
            name="received_at", kind="time", required=True, example="2026-07-14T18:02:00-04:00",
            meaning="When it came in.", header_zh="受理时间",
        ),
        Column(
            name="words", kind="text", required=True, example="no power since six",
            meaning="What was said, in any language.", header_zh="报修内容",
        ),
        Column(
            name="channel", kind="text", default="phone", example="phone",
            meaning="phone, app, web, sms, field, meter or another word the policy knows.", header_zh="渠道",
        ),
        Column(
            name="customer", kind="id", example="C06", refers_to="customers",
            meaning="The customer who reported it, where known.", header_zh="用户编号",
        ),
        Column(name="address", kind="text", example="Fir Avenue 9", meaning="As it was given.", header_zh="地址"),
        lon_column(False, "-71.2517"),
        lat_column(False, "-29.9028"),
        Column(name="phone", kind="text", example="+56 51 200 0009", meaning="For the callback.", header_zh="电话"),
        Column(
            name="kind", kind="choice", allowed=REQUEST_KINDS, example="outage",
            meaning="Empty: the policy works it out from the words.", header_zh="报修类型",
        ),
        Column(
            name="appointment_from", kind="time", example="2026-07-14T19:00:00-04:00",
            meaning="Work may begin from here on.", header_zh="预约开始",
        ),
        Column(
            name="appointment_to", kind="time", example="2026-07-14T21:00:00-04:00",
            meaning="Work must begin by then.", header_zh="预约结束",
        ),
    ),
)  # fmt: skip

CUSTOMERS = Table(
    name="customers",
    endings=(".csv", ".csv.gz", ".xlsx", ".geojson", ".gpkg"),
    meaning="Every customer, a row each, with the transformer that feeds it.",
    columns=(
        Column(name="id", kind="id", required=True, example="C06", meaning="Unique.", header_zh="用户编号"),
        Column(name="name", kind="text", example="South Clinic", meaning="Who it is.", header_zh="用户名称"),
        Column(name="address", kind="text", example="Third Street 40", meaning="Where.", header_zh="地址"),
        lon_column(True),
        lat_column(True),
        Column(
            name="transformer", kind="id", required=True, example="T3", refers_to="grid transformers",
            meaning="The transformer that feeds the customer.", header_zh="变压器",
        ),
        Column(name="lv_main", kind="id", example="T3-M2", meaning="Low-voltage main.", header_zh="低压线路"),
        Column(
            name="phase", kind="choice", allowed=("A", "B", "C", "ABC"), example="ABC",
            meaning="Phase of the supply.", header_zh="相别",
        ),
        Column(
            name="industry", kind="text", example="hospital",
            meaning="residential, hospital, mine ... in the policy's words.", header_zh="行业",
        ),
        Column(
            name="voltage_kv", kind="number", unit="kV", above=0, most=1500, example="13.2",
            meaning="Voltage of the supply.", header_zh="电压等级",
        ),
        Column(
            name="sources", kind="integer", default=1, least=0, example="2",
            meaning="Number of supply sources.", header_zh="电源数",
        ),
        Column(
            name="own_generator_h", kind="number", unit="h", least=0, example="8",
            meaning="Hours that the customer's own generator lasts.", header_zh="自备电源小时",
        ),
        Column(
            name="energy_kwh_year", kind="number", unit="kWh/year", least=0, example="420000",
            meaning="Energy taken in a year.", header_zh="年用电量",
        ),
        Column(name="load_type", kind="text", example="medical", meaning="Kind of load.", header_zh="负荷性质"),
        Column(
            name="supply_guarantee", kind="yes/no", default=False, example="no",
            meaning="An event with guaranteed supply is on.", header_zh="保供电",
        ),
        Column(
            name="welfare", kind="yes/no", default=False, example="no",
            meaning="On the welfare (priority services) register.", header_zh="特殊关怀",
        ),
        Column(
            name="arrears", kind="yes/no", default=False, example="no",
            meaning="Bills are open. Lowers nothing unless the policy says so.", header_zh="欠费",
        ),
        Column(
            name="area", kind="choice", default="urban", allowed=("urban", "rural", "remote"), example="urban",
            meaning="Kind of area; promises depend on it.", header_zh="区域",
        ),
        Column(name="phone", kind="text", example="+56 51 200 0006", meaning="To reach them.", header_zh="电话"),
        Column(
            name="access", kind="text", example="gate code 4711",
            meaning="What a crew must know to get in.", header_zh="进入说明",
        ),
    ),
)  # fmt: skip

CREWS = Table(
    name="crews",
    endings=(".csv", ".xlsx"),
    meaning="Every crew and its shift, a row each; a row more for each further shift of a crew.",
    unique=False,
    columns=(
        Column(
            name="id", kind="id", required=True, example="crew-2",
            meaning="The crew's; of one crew no two shifts overlap.", header_zh="班组编号",
        ),
        Column(name="name", kind="text", required=True, example="Crew 2", meaning="As people say it.", header_zh="班组"),
        Column(
            name="depot", kind="id", required=True, example="D2", refers_to="depots",
            meaning="Where the crew is based.", header_zh="驻地",
        ),
        Column(
            name="shift_start", kind="time", example="2026-07-14T18:00:00-04:00",
            meaning="Not moving before. Both times may be empty where `roster` has a rule for the crew.",
            header_zh="上班时间",
        ),
        Column(
            name="shift_end", kind="time", example="2026-07-15T02:00:00-04:00",
            meaning="Back by then, overtime aside. May be past midnight.", header_zh="下班时间",
        ),
        Column(
            name="skills", kind="list", required=True, allowed=SKILLS, example="hv;lv;cable",
            meaning="What the crew may do.", header_zh="技能",
        ),
        Column(
            name="people", kind="integer", unit="people", default=2, least=1, example="3",
            meaning="How many they are.", header_zh="人数",
        ),
        Column(
            name="overtime_min", kind="number", unit="min", default=0.0, least=0, example="120",
            meaning="Work allowed past the shift's end.", header_zh="可加班分钟",
        ),
        Column(name="vehicle", kind="text", example="Truck 12", meaning="What they drive.", header_zh="车辆"),
        Column(
            name="speed_factor", kind="number", default=1.0, above=0, most=10, example="1.2",
            meaning="Drives take so many times as long.", header_zh="行车系数",
        ),
        Column(
            name="stock", kind="amounts", example="fuse:4;pole:1",
            meaning="What is on the vehicle. Empty: not said, and no job is left undone for want of it; "
            "`nothing`: an empty vehicle.", header_zh="车载物资",
        ),
        Column(
            name="breaks", kind="breaks", example="21:00-22:30/30",
            meaning="Rests that must begin between two times, and last so many minutes.", header_zh="休息",
        ),
        Column(name="phone", kind="text", example="+56 9 100 0002", meaning="To reach them.", header_zh="电话"),
        lon_column(False, "-71.2496"),
        lat_column(False, "-29.9028"),
        Column(
            name="ends_at_depot", kind="yes/no", default=True, example="yes",
            meaning="The route ends at the depot; no: at its last job.", header_zh="收工回驻地",
        ),
    ),
)  # fmt: skip

DEPOTS = Table(
    name="depots",
    endings=(".csv", ".xlsx", ".geojson", ".gpkg"),
    meaning="Where crews and stock are based.",
    columns=(
        Column(name="id", kind="id", required=True, example="D2", meaning="Unique.", header_zh="驻地编号"),
        Column(name="name", kind="text", required=True, example="North yard", meaning="As people say it.", header_zh="驻地"),
        lon_column(True, "-71.2496"),
        lat_column(True, "-29.9028"),
    ),
)  # fmt: skip

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

ROSTER = Table(
    name="roster",
    endings=(".csv", ".xlsx"),
    meaning="Shifts that come again, a rule a row. The file may be missing.",
    optional_file=True,
    columns=(
        Column(name="id", kind="id", required=True, example="crew-2-night", meaning="Unique.", header_zh="规则编号"),
        Column(
            name="crew", kind="id", required=True, example="crew-2", refers_to="crews",
            meaning="Whose shift it is.", header_zh="班组编号",
        ),
        Column(
            name="start", kind="clock", required=True, example="20:00",
            meaning="When the shift begins.", header_zh="上班",
        ),
        Column(
            name="end", kind="clock", required=True, example="08:00",
            meaning="When it ends; on the next day where that is not after the start.", header_zh="下班",
        ),
        Column(
            name="from", kind="day", required=True, example="2026-07-14",
            meaning="First day on which it begins; day 1 of a cycle.", header_zh="起始日期",
        ),
        Column(
            name="until", kind="day", example="2026-12-31",
            meaning="Last day on which it begins; empty: without end.", header_zh="截止日期",
        ),
        Column(
            name="weekdays", kind="list", allowed=WEEKDAYS,
            meaning="Only on these days of the week; empty: on every day.", header_zh="星期",
        ),
        Column(
            name="cycle_days", kind="integer", unit="days", default=1, least=1, most=60, example="3",
            meaning="Length of a rotation; 1: every day.", header_zh="轮班周期天数",
        ),
        Column(
            name="days_on", kind="list", example="2",
            meaning="Days of the rotation on which the shift begins, from 1; empty: the first.", header_zh="上班日序",
        ),
        Column(
            name="holidays", kind="choice", default="usual", allowed=("usual", "off", "only"), example="usual",
            meaning="On public holidays of the policy's calendar: as usual, off, or only then.", header_zh="节假日",
        ),
        Column(name="breaks", kind="breaks", example="00:00-02:00/30", meaning="As in `crews`.", header_zh="休息"),
        Column(
            name="overtime_min", kind="number", unit="min", default=0.0, least=0, example="120",
            meaning="Work allowed past the shift's end.", header_zh="可加班分钟",
        ),
    ),
)  # fmt: skip

SWITCHES = Table(
    name="switches",
    endings=(".csv", ".xlsx"),
    meaning="How switches stand; brought in while the day runs, not part of a case folder.",
    optional_file=True,
    columns=(
        Column(
            name="id", kind="id", required=True, example="TIE-1", refers_to="grid switches",
            meaning="A switching device of the grid.", header_zh="开关编号",
        ),
        Column(
            name="normal", kind="choice", allowed=("open", "closed"), example="open",
            meaning="Its normal state; empty: as it was.", header_zh="常态",
        ),
        Column(
            name="present", kind="choice", allowed=("open", "closed"), example="closed",
            meaning="How it stands at present; empty: as in its normal state.", header_zh="当前状态",
        ),
    ),
)  # fmt: skip

SIGNS = Table(
    name="signs",
    endings=(".csv", ".csv.gz"),
    meaning="What meters and switching devices said by themselves or were asked, a row each. The file may be missing.",
    optional_file=True,
    columns=(
        Column(
            name="at", kind="time", required=True, example="2026-07-14T18:00:30-04:00",
            meaning="When it was true.", header_zh="时间",
        ),
        Column(
            name="kind", kind="choice", required=True, example="last_gasp", header_zh="信号类型",
            allowed=("last_gasp", "supply_on", "supply_off", "tripped", "closed"),
            meaning="A meter's last message, what a meter or neighbour answered, a device's own state.",
        ),
        Column(
            name="place", kind="text", required=True, example="C06", header_zh="位置",
            meaning="A customer, transformer or low-voltage main; a device for `tripped` and `closed`.",
        ),
    ),
)  # fmt: skip

BELIEFS = Table(
    name="beliefs",
    endings=(".csv", ".xlsx"),
    meaning="How often what fails, who calls and when, a value a row; `gridcrew learn` writes it. The file may be missing.",
    optional_file=True,
    columns=(
        Column(
            name="name", kind="choice", required=True, allowed=tuple(RANGES), example="calling_share", header_zh="参数",
            meaning="What is believed; what is not named is as the program has it (`outages.md`).",
        ),
        Column(
            name="value", kind="number", required=True, example="0.33", header_zh="数值",
            meaning="Rates a year, shares from 0 to 1, minutes.",
        ),
    ),
)  # fmt: skip

PLANNED = Table(
    name="planned",
    endings=(".csv", ".xlsx"),
    meaning="Planned outages, a row each, for `gridcrew planned`. The file may be missing.",
    optional_file=True,
    columns=(
        Column(name="id", kind="id", required=True, example="P-12", meaning="Unique.", header_zh="计划编号"),
        Column(
            name="start", kind="time", required=True, example="2026-07-28T09:00:00-04:00",
            meaning="When supply is switched off.", header_zh="停电开始",
        ),
        Column(
            name="end", kind="time", required=True, example="2026-07-28T13:00:00-04:00",
            meaning="When it is switched on again.", header_zh="停电结束",
        ),
        Column(
            name="open", kind="list", required=True, example="L1", header_zh="停电设备",
            meaning="Devices to open; or lines or sections to be worked on, whose border is opened.",
        ),
        Column(
            name="close", kind="list", default=(), example="TIE-1", header_zh="转供开关",
            meaning="Ties that are closed meanwhile.",
        ),
        Column(
            name="live_line", kind="yes/no", default=False, example="no", header_zh="带电作业",
            meaning="Worked on under voltage: nothing is opened.",
        ),
        Column(
            name="urgent", kind="yes/no", default=False, example="no", header_zh="临时停电",
            meaning="Cannot wait for the usual notice.",
        ),
        Column(name="reason", kind="text", default="", example="pole replacement", meaning="Why.", header_zh="停电原因"),
    ),
)  # fmt: skip

TABLES = (REQUESTS, CUSTOMERS, CREWS, ROSTER, DEPOTS, SIGNS, BELIEFS, PLANNED)

KINDS: Mapping[str, str] = {
    "text": "any text",
    "id": "text without spaces around it; big and small letters differ",
    "integer": "whole number",
    "number": "number with a decimal point",
    "yes/no": "`yes` / `no`, `true` / `false`, `1` / `0`, `是` / `否`",
    "time": (
        "ISO 8601 with an offset: `2026-07-14T18:30:00-04:00` or `...Z`; also `2026-07-14 18:30`, `2026/7/14 18:30`, "
        "`2026年7月14日 18:30`, `14/07/2026 18:30`, dates and day numbers of Excel: without an offset they are read in "
        "the case's zone, and the report says so"
    ),
    "clock": "`HH:MM`, a wall time of the case's zone",
    "day": "`2026-07-14`, or another spelling of a day as under `time`",
    "choice": "one of the words listed",
    "list": "items with `;` between them",
    "amounts": "`what:quantity` with `;` between them; a bare `what` is one of it",
    "breaks": (
        "`12:00-13:30/30` begins between 12:00 and 13:30 and lasts 30 min; wall times of the case's zone, the first "
        "such time after the shift's start; or `FROM/TO/30` with two ISO times; `;` between several"
    ),
}
