"""What a utility believes before anybody has called: how often what fails, who calls and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """Rates and shares that inference stands on; a utility learns them from its own outages.

    Parameters
    ----------
    line_faults_per_km_year, cable_faults_per_km_year : faults a year on a kilometre of medium voltage.
    transformer_faults_per_year, lv_main_faults_per_year, service_faults_per_year : of each one.
    calling_share : share of the customers of an outage who call in the end.
    quick_delay_min, slow_delay_min : mean minutes from the loss of supply to the call, of most callers and
        of those who wait.
    slow_share : share of those who wait.
    false_call_share : calls of customers with supply, as a share of the calls about single services.

    References
    ----------
    Lines and transformers: upper of the two values in RELSAD's example networks, after Allan et al., IEEE
    Trans. Power Systems 6(2), 1991. All others are placeholders, not verified.
    """

    line_faults_per_km_year: float = 0.07
    cable_faults_per_km_year: float = 0.04
    transformer_faults_per_year: float = 0.015
    lv_main_faults_per_year: float = 0.02
    service_faults_per_year: float = 0.005
    calling_share: float = 0.33
    quick_delay_min: float = 15.0
    slow_delay_min: float = 60.0
    slow_share: float = 0.2
    false_call_share: float = 0.05

    def by_name(self) -> dict[str, float]:
        """Each value by its name."""
        return asdict(self)


USUAL = Beliefs()
# What a value may be: below, a rate or a share would make faults or calls impossible.
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "line_faults_per_km_year": (1e-4, 50.0),
        "cable_faults_per_km_year": (1e-4, 50.0),
        "transformer_faults_per_year": (1e-5, 10.0),
        "lv_main_faults_per_year": (1e-5, 10.0),
        "service_faults_per_year": (1e-6, 10.0),
        "calling_share": (0.001, 0.95),
        "quick_delay_min": (0.5, 240.0),
        "slow_delay_min": (1.0, 1440.0),
        "slow_share": (0.0, 0.9),
        "false_call_share": (0.001, 0.9),
    }
)
