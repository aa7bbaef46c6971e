"""What people said of a call's kind where the rules hear something else: work for the rule's owner."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ruamel.yaml import YAML

from rules import Policy

from ..store import Store
from ..store.queries import kinds_said

# A season: long enough to see what repeats, short enough to read.
LOOKED_BACK = timedelta(days=90)
STAGE = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Words that people took for another kind than the rules do.

    Attributes
    ----------
    words : as they were written down.
    heard : the kind that the rules make of the words alone.
    meant : the kind that a person gave.
    count : how many calls said so.
    last : when the last of them came in.
    """

    words: str
    heard: str
    meant: str
    count: int
    last: datetime


def corrections(store: Store, policy: Policy, now: datetime) -> tuple[Correction, ...]:
    """Calls of a season whose kind a person gave and the policy would not.

    Parameters
    ----------
    store : holds the requests; words that were forgotten are gone here too.
    policy : judged by its request stage, from the words alone.
    now : the season ends here.

    Returns
    -------
    tuple of Correction
        What the policy still hears otherwise: dangers that it misses first, then the most frequent.
    """
    said: dict[tuple[str, str], list[datetime]] = {}
    for words, meant, at in kinds_said(store, now - LOOKED_BACK):
        said.setdefault((" ".join(words.split()), meant), []).append(at)
    decided = policy.decide_many(STAGE, {"words": [words for words, _ in said]})["kind"] if said else ()
    found = [
        Correction(words=words, heard=str(heard or ""), meant=meant, count=len(times), last=max(times))
        for ((words, meant), times), heard in zip(said.items(), decided, strict=True)
        if heard != meant
    ]
    return tuple(sorted(found, key=lambda each: (each.meant != "hazard", -each.count, each.words)))


def cases_of(found: Iterable[Correction]) -> str:
    """Corrections as cases that stand beside a policy, to be kept by those that the owner agrees with.

    Parameters
    ----------
    found : what people said.

    Returns
    -------
    str
        YAML as `gridcrew rules test` reads it.
    """
    cases = [
        {
            "case": f"a person took {each.heard or 'nothing'} for {each.meant}, {each.count} x: {number}",
            "stage": STAGE,
            "given": {"words": each.words},
            "expect": {"kind": each.meant},
        }
        for number, each in enumerate(found, 1)
    ]
    text = io.StringIO()
    YAML().dump({"cases": cases}, text)
    return text.getvalue()
