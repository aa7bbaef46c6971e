"""Records of a study that are there already, without computing any."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .made_of import recorded
from .scenario import Study
from .study import tasks_of

Record = Mapping[str, Any]


def kept_records(study: Study, replications: int, seed: int, out: Path) -> dict[str, list[Record]]:
    """Of each alternative the replications that all alternatives have lived through.

    Alternatives are compared replication by replication, so that one that only some have is left out.
    """
    found: dict[str, dict[int, Record]] = {name: {} for name in study.alternatives}
    for task in tasks_of(study, replications, seed, recorded(out)):
        path = out / "runs" / f"{task.key}.json"
        if path.exists():
            found[task.name][task.replication] = json.loads(path.read_text())
    return {name: [each[number] for number in _shared(found)] for name, each in found.items()}


def _shared(found: Mapping[str, Mapping[int, Record]]) -> Sequence[int]:
    return sorted(set.intersection(*(set(each) for each in found.values())))
