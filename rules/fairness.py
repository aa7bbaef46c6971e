"""What the weights do to whom: waiting time and customer-minutes by grade, area and class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from .errors import RulesError
from .language.words_zh import word_zh

LABELS = ("grade", "area", "class")
COLUMNS = ("customers", "wait_min")


def fairness(columns: Mapping[str, Any], by: Sequence[str] = LABELS) -> dict[str, pd.DataFrame]:
    """Tabulate a day's waiting, once for each label.

    Parameters
    ----------
    columns : of one length: ``customers`` (how many a line stands for, 1 or more),
        ``wait_min`` (minutes without supply, or until done), and the labels.
        ``promised_min`` is optional: minutes promised, NaN for none.
    by : labels to tabulate by; a missing label counts as "(unknown)".

    Returns
    -------
    By label, a table with a line per value: ``customers``, ``customer_minutes``,
    ``mean_min`` (per customer), ``median_min``, ``p90_min`` (of customers),
    ``share_customers`` and ``share_minutes`` (0 to 1), ``ratio`` (mean over the
    mean of all: 1 is treated as everybody), ``kept`` (share of customers whose
    promise was kept, NaN where none was given).

    Raises
    ------
    RulesError : a column is missing, or a number is negative or missing.
    """
    missing = [name for name in (*COLUMNS, *by) if name not in columns]
    if missing:
        raise RulesError(
            f"fairness needs the columns {', '.join(missing)}", f"公平性统计缺少以下列：{'、'.join(missing)}"
        )
    data = pd.DataFrame({name: columns[name] for name in columns})
    for name in COLUMNS:
        if data[name].isna().any() or (data[name] < 0).any():
            raise RulesError(f"column '{name}' must hold numbers of 0 and more", f"列“{name}”须为不小于0的数")
    return {label: _tabulated(data, label) for label in by}


def _tabulated(data: pd.DataFrame, label: str) -> pd.DataFrame:
    minutes = (data["customers"] * data["wait_min"]).sum()
    everybody = data["customers"].sum()
    mean_of_all = minutes / everybody if everybody else float("nan")
    lines = []
    for value, part in data.groupby(data[label].fillna("(unknown)").astype(str), sort=True):
        customers = part["customers"].sum()
        own = float((part["customers"] * part["wait_min"]).sum())
        mean = own / customers if customers else float("nan")
        lines.append(
            {
                label: value,
                "customers": int(customers),
                "customer_minutes": own,
                "mean_min": mean,
                "median_min": _quantile(part, 0.5),
                "p90_min": _quantile(part, 0.9),
                "share_customers": customers / everybody if everybody else float("nan"),
                "share_minutes": own / minutes if minutes else 0.0,
                "ratio": mean / mean_of_all if mean_of_all else float("nan"),
                "kept": _kept(part),
            }
        )
    return pd.DataFrame(lines).set_index(label) if lines else pd.DataFrame()


def _quantile(part: pd.DataFrame, share: float) -> float:
    """Minutes that this share of the customers did not exceed."""
    ordered = part.sort_values("wait_min")
    passed = ordered["customers"].cumsum()
    total = passed.iloc[-1]
    if not total:
        return float("nan")
    return float(ordered["wait_min"].iloc[int((passed < share * total - 1e-9).sum())])


def _kept(part: pd.DataFrame) -> float:
    if "promised_min" not in part:
        return float("nan")
    promised = part[part["promised_min"].notna()]
    total = promised["customers"].sum()
    kept = promised.loc[promised["wait_min"] <= promised["promised_min"], "customers"].sum()
    return float(kept / total) if total else float("nan")


HEADS_ZH = {
    "grade": "用户等级",
    "area": "区域",
    "class": "工单等级",
    "customers": "户数",
    "customer_minutes": "时户数（户·分）",
    "mean_min": "平均分钟",
    "median_min": "中位分钟",
    "p90_min": "九成不超过",
    "share_customers": "户数占比",
    "share_minutes": "时户数占比",
    "ratio": "与总平均之比",
    "kept": "承诺兑现",
}


def fairness_text(tables: Mapping[str, pd.DataFrame], language: str = "en") -> str:
    """The tables as text for a terminal; `language` is en or zh."""
    parts = []
    for label, table in tables.items():
        shown = table.round({"share_customers": 3, "share_minutes": 3, "ratio": 2, "kept": 3}).round(1)
        head = f"by {label}"
        if language == "zh":
            head = f"按{HEADS_ZH.get(label, label)}"
            shown = shown.rename(columns=HEADS_ZH, index=word_zh).rename_axis(None)
        parts.append(f"{head}\n{shown.to_string()}")
    return "\n\n".join(parts)
