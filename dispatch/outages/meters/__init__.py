"""Meters asked whether they have supply."""

from .http import HttpMeters, MetersFailed
from .settings import MeterSettings

__all__ = ["HttpMeters", "MeterSettings", "MetersFailed"]
