"""The names of `dispatch.triage.locating` as release 0.1 had them."""

from .triage.locating import Locator, Place, customers_place

__all__ = ["Locator", "Place", "customers_place"]
