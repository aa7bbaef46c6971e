"""The demo city's 400 requests are all understood, each with its trace in both languages."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from rules import load_policy

REQUESTS = Path(__file__).parents[2] / "data" / "coquimbo" / "requests.csv"


def test_the_requests_of_the_demo_city_are_classified_with_every_trace() -> None:
    policy = load_policy("cn")
    kinds: Counter[str] = Counter()
    with REQUESTS.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        decision = policy.decide("request", {"words": row["words"], "channel": row["channel"]})
        kinds[decision.outcome["kind"]] += 1
        for language in ("en", "zh"):
            text = decision.trace.to_text(language)
            assert "[request_kind]" in text
            assert policy.version in text
        assert all(step["rows"] for step in decision.trace.steps)
    assert kinds.total() == len(rows) == 400
    assert kinds["outage"] > len(rows) / 2
    assert kinds["hazard"] >= 5
    assert kinds["enquiry"] < len(rows) / 12, "what is not understood ends as an enquiry"
