"""What each index is called: in IEEE 1366, and in DL/T 836 where it has a counterpart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexName:
    """An index's names and how its figure is shown.

    Parameters
    ----------
    field : of `Indices`.
    scale : the figure is multiplied by this before it is shown in `unit`.
    dlt836 : name and unit in DL/T 836 before its edition of 2016, with the factor from ours.
    dlt836_2016 : the name since DL/T 836.1-2016.

    Notes
    -----
    Neither column of names has been verified against the standard's text; `docs/indices.md` says where they
    were seen.
    """

    field: str
    ieee: str
    unit: str
    meaning: str
    scale: float = 1
    digits: int = 3
    dlt836: tuple[str, str, float] | None = None
    dlt836_2016: str = ""


NAMES: tuple[IndexName, ...] = (
    IndexName(
        field="saifi",
        ieee="SAIFI",
        unit="interruptions per customer",
        meaning="sustained interruptions per customer served",
        dlt836=("AITC-1 用户平均停电次数", "次/户", 1),
        dlt836_2016="SAIFI-1 系统平均停电频率",
    ),
    IndexName(
        field="saidi_min",
        ieee="SAIDI",
        unit="min per customer",
        meaning="minutes without supply per customer served",
        digits=2,
        dlt836=("AIHC-1 用户平均停电时间", "h/户", 1 / 60),
        dlt836_2016="SAIDI-1 系统平均停电时间",
    ),
    IndexName(
        field="caidi_min",
        ieee="CAIDI",
        unit="min per interruption",
        meaning="minutes per sustained interruption of a customer",
        digits=2,
        dlt836=("CAIDI-1 停电用户平均停电时间", "h/次", 1 / 60),
    ),
    IndexName(
        field="asai",
        ieee="ASAI",
        unit="%",
        meaning="share of customer-hours with supply",
        scale=100,
        digits=4,
        dlt836=("RS-1 供电可靠率", "%", 100),
        dlt836_2016="ASAI-1 平均供电可靠率",
    ),
    IndexName(
        field="maifi",
        ieee="MAIFI",
        unit="interruptions per customer",
        meaning="momentary interruptions per customer served",
    ),
    IndexName(
        field="maifi_e",
        ieee="MAIFI_E",
        unit="events per customer",
        meaning="momentary events per customer served",
    ),
    IndexName(field="ens_kwh", ieee="ENS", unit="kWh", meaning="energy not supplied", digits=0),
    IndexName(
        field="aens_kwh",
        ieee="AENS",
        unit="kWh per customer",
        meaning="energy not supplied per customer served",
        dlt836=("AENS 平均停电缺供电量", "kWh/户", 1),
    ),
    IndexName(
        field="caifi",
        ieee="CAIFI",
        unit="interruptions per customer interrupted",
        meaning="sustained interruptions per customer who had any",
    ),
    IndexName(
        field="ctaidi_min",
        ieee="CTAIDI",
        unit="min per customer interrupted",
        meaning="minutes without supply per customer who had any",
        digits=2,
    ),
    IndexName(
        field="customer_interruptions",
        ieee="CI",
        unit="customers",
        meaning="customers interrupted, sustained, each time counted",
        digits=0,
        dlt836=("停电户数", "户次", 1),
    ),
    IndexName(
        field="customer_minutes",
        ieee="CMI",
        unit="customer-min",
        meaning="customer-minutes without supply",
        digits=0,
        dlt836=("停电时户数", "时户", 1 / 60),
    ),
)
# Families: a share of all customers for each n, or each number of hours.
FAMILIES: tuple[tuple[str, str, str], ...] = (
    ("cemi", "CEMI-{}", "customers with {} or more sustained interruptions"),
    ("cemsmi", "CEMSMI-{}", "customers with {} or more interruptions, momentary events among them"),
    ("celid_s", "CELID-s {} h", "customers with a single interruption of {} h or more"),
    ("celid_t", "CELID-t {} h", "customers with {} h or more without supply in all"),
)
