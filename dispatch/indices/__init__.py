"""Reliability indices: IEEE 1366, with the names of DL/T 836 beside."""

from .days import Threshold, daily_saidi, major_event_days, threshold
from .interruptions import INTERRUPTIONS, interruption_table, read_interruptions, read_records, read_served
from .measures import IndexSettings, Indices, indices
from .names import NAMES
from .report import as_csv, as_json, as_text
from .study import Study, study

__all__ = [
    "INTERRUPTIONS",
    "NAMES",
    "IndexSettings",
    "Indices",
    "Study",
    "Threshold",
    "as_csv",
    "as_json",
    "as_text",
    "daily_saidi",
    "indices",
    "interruption_table",
    "major_event_days",
    "read_interruptions",
    "read_records",
    "read_served",
    "study",
    "threshold",
]
