"""A stop is handed to another map in that map's own datum."""

from __future__ import annotations

import pytest

from dispatch.briefing.handing_over import shifted_place


def test_a_place_in_china_comes_in_both_shifted_datums() -> None:
    # Baidu's own answer for this place is 114.2307519546763, 29.57908428837437.
    found = shifted_place(114.21892734521, 29.575429778924)
    assert found is not None
    assert found["bd09"] == pytest.approx([114.2307519546763, 29.57908428837437], abs=1e-5)
    assert found["gcj02"][0] == pytest.approx(114.2244, abs=1e-3)


def test_a_place_elsewhere_is_not_shifted() -> None:
    assert shifted_place(-71.34, -29.95) is None
