"""The facts of switching, and of services beside repairs: appointments, guarantees, connections, shedding."""

from __future__ import annotations

from .facts import Fact
from .language.choices import MATTERS, PROCESS_STEPS, SEASONS

SWITCHING = (
    Fact(
        name="remote",
        type="yes/no",
        en="remote controlled",
        zh="可遥控",
        meaning="The control room can operate the device.",
    ),
)

SERVICE = (
    Fact(
        name="matter",
        type="choice",
        values=MATTERS,
        en="service",
        zh="服务事项",
        meaning="What is promised to a customer beside a repair.",
    ),
    Fact(
        name="step",
        type="choice",
        values=PROCESS_STEPS,
        en="step",
        zh="业扩环节",
        meaning="A step of a new connection.",
    ),
    Fact(
        name="matter_level",
        type="integer",
        low=1,
        high=4,
        en="level",
        zh="级别",
        meaning="Guarantee: 1 the highest. Hidden danger: 1 slight, 3 grave.",
    ),
    Fact(
        name="season",
        type="choice",
        values=SEASONS,
        en="season",
        zh="季节",
        meaning="The load of the season: summer peak, winter peak, or usual.",
    ),
    Fact(
        name="limit_workdays",
        type="number",
        unit="workdays",
        low=0,
        high=1000,
        en="limit",
        zh="办理时限",
        meaning="Working days for it; what the customer takes does not count.",
    ),
    Fact(
        name="needs",
        type="list",
        values=PROCESS_STEPS,
        en="done before",
        zh="前置环节",
        meaning="Steps that must be finished before this one.",
    ),
    Fact(
        name="span_min",
        type="number",
        unit="min",
        low=1,
        high=1440,
        en="length",
        zh="时段长度",
        meaning=(
            "Appointment: slot. Shedding: time off. Public: step of an estimate. Fast lane: time to act. "
            "Sending, reports: limit."
        ),
    ),
    Fact(
        name="ahead_days",
        type="number",
        low=0,
        high=60,
        en="days ahead",
        zh="提前天数",
        meaning=(
            "Appointment, guarantee, days ahead: how far. Public: days of planned outages shown. "
            "Reports: days before."
        ),
    ),
    Fact(
        name="how_many",
        type="integer",
        low=0,
        high=100,
        en="how many",
        zh="数量",
        meaning=(
            "Appointment: slots. Guarantee: crews. Repeats: from how many on. Public: fewest customers. "
            "Sending: most customers out."
        ),
    ),
    Fact(
        name="every_days",
        type="number",
        low=1,
        high=3650,
        en="every so many days",
        zh="周期天数",
        meaning="Inspection: days from one visit to the next. Repeats: days that are looked back on.",
    ),
    Fact(
        name="share_percent",
        type="number",
        unit="%",
        low=0,
        high=100,
        en="share",
        zh="抽检比例",
        meaning="Quality: closed orders that are checked. Days ahead: crew time that visits may fill.",
    ),
    Fact(
        name="shed_rank",
        type="integer",
        low=0,
        high=9,
        en="order of shedding",
        zh="限电序位",
        meaning="0 is never shed, 1 is shed first.",
    ),
)

# What the caller may pass, and what every decision names.
SERVICE_GIVEN: tuple[str, ...] = (
    "matter",
    "step",
    "matter_level",
    "season",
    "kind",
    "urgency",
    "grade",
    "industry",
    "voltage_kv",
    "sources",
    "load_type",
    "supply_guarantee",
)
SERVICE_OUTCOMES: tuple[str, ...] = (
    "limit_workdays",
    "needs",
    "span_min",
    "ahead_days",
    "how_many",
    "every_days",
    "share_percent",
    "shed_rank",
)
