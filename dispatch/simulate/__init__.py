"""Scenarios: made-up days, planned event by event as the real day would be, many times."""
