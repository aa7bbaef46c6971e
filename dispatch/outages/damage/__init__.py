"""What breaks on made-up days: faults and calls for measuring inference, wind and heat for scenarios."""

from __future__ import annotations

from .faults import (
    DEVICE_KINDS,
    CallHabit,
    MadeDay,
    MadeFault,
    make_day,
    sample_faults,
    service_fault,
    who_loses,
)
from .heat import ageing, top_loading
from .wind import Storm, chance_of_failure, failure_hours, wind_ms

__all__ = [
    "DEVICE_KINDS",
    "CallHabit",
    "MadeDay",
    "MadeFault",
    "Storm",
    "ageing",
    "chance_of_failure",
    "failure_hours",
    "make_day",
    "sample_faults",
    "service_fault",
    "top_loading",
    "who_loses",
    "wind_ms",
]
