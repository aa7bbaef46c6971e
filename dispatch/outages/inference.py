"""From calls, meters, breakers and crews to outages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from geo import Fault

from ..ground.day import Outage, Suspect
from .doubt.extent import extents
from .evidence import Call, Finding, Reported, Sign, calls_from, standing_signs
from .explanation import Explanation, Opened, explain_evidence
from .hearing import watch
from .parting import by_source
from .reclosing import still_telling
from .settings import InferenceSettings
from .supply import Supplied, kept_tree, tripped_devices
from .tree import PROTECTIVE, SupplyTree
from .watched import Watched

MOST_ALTERNATIVES = 5
LEAST_SHARE = 0.01
STILL_OUT_WITHIN = timedelta(hours=24)
COMPONENTS: Mapping[str, str] = {"transformer": "transformer", "lv_main": "lv_main", "service": "service"}


def infer_on_tree(
    tree: SupplyTree,
    calls: Sequence[Call],
    now: datetime,
    *,
    signs: Sequence[Sign] = (),
    findings: Sequence[Finding] = (),
    settings: InferenceSettings | None = None,
) -> tuple[Outage, ...]:
    """Find the outages that best explain what is known at `now`.

    Every call belongs to exactly one outage, unless a crew has restored the
    caller since or the meter says that there is supply. Called again with
    more calls, the same place keeps the same outage id, so that groups merge
    upward and split again as the calls demand.

    Parameters
    ----------
    calls, signs, findings : in any order; what is later than `now` is not heard. Of a place's signs the
        newest counts, once, wherever they were kept.

    Returns
    -------
    tuple of Outage
        Those with most customers out first.
    """
    settings = settings or InferenceSettings()
    said = [each for each in signs if each.at <= now]
    signs = still_telling(tree, standing_signs(said, now), said)
    meters_gasp = any(each.kind == "last_gasp" for each in signs)
    found: list[Outage] = []
    for part in by_source(tree, calls, signs, findings):
        watched = watch(tree, part.calls, part.signs, part.findings, now, settings, meters_gasp=meters_gasp)
        explanation = explain_evidence(watched, settings)
        moments = {call.id: call.at for call in part.calls}
        machines = frozenset(sign.at for sign in part.signs)
        found += _Assembly(tree, watched, explanation, part.findings, now, moments, machines).outages()
    return tuple(sorted(found, key=lambda outage: (-outage.customers_out, outage.since, outage.id)))


def infer_outages(
    case: Supplied,
    requests: Iterable[Reported],
    now: datetime,
    *,
    signs: Sequence[Sign] = (),
    findings: Sequence[Finding] = (),
    settings: InferenceSettings | None = None,
    tree: SupplyTree | None = None,
    said_at: Mapping[str, datetime] | None = None,
) -> tuple[Outage, ...]:
    """Find the outages that best explain a case's outage calls at `now`.

    Calls at neither a known customer nor a known transformer are in no
    outage. Protective devices that the grid knows to have tripped are open
    since the first call, if nothing is said of when.

    Parameters
    ----------
    tree : the case's supply tree, when it has been built before.
    said_at : as in `calls_from`.

    See Also
    --------
    infer_on_tree : the same without a case; says what the other parameters do.
    """
    tree = tree or kept_tree(case)
    settings = settings or InferenceSettings.of(case.beliefs)
    calls = calls_from(requests, said_at)
    first = min((call.at for call in calls), default=now)
    told = {each.place for each in findings} | {each.place for each in signs if each.kind == "tripped"}
    tripped = [device for device in tripped_devices(case.grid) if device not in told]
    known = tuple(Finding(place=device, state="open", at=min(first, now)) for device in tripped)
    return infer_on_tree(tree, calls, now, signs=signs, findings=(*known, *findings), settings=settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """Who lost supply by an opened node and not before by one beneath it."""

    customers: int
    transformers: tuple[str, ...]
    requests: tuple[str, ...]


class _Assembly:
    """Turns opened nodes into outages."""

    def __init__(
        self,
        tree: SupplyTree,
        watched: Watched,
        explanation: Explanation,
        findings: Sequence[Finding],
        now: datetime,
        moments: Mapping[str, datetime],
        machines: frozenset[datetime],
    ) -> None:
        self.tree = tree
        self.watched = watched
        self.explanation = explanation
        self.findings = sorted((each for each in findings if each.at <= now), key=lambda each: each.at)
        self.now = now
        self.moments = moments
        self.machines = machines
        self.owner = self._owners()
        self.requests = self._requests()
        self.finding_at = self._finding_nodes()
        self.extents = extents(watched, explanation)

    def outages(self) -> list[Outage]:
        """One outage per opened node."""
        return [self._outage(opened) for opened in self.explanation.opened]

    def _owners(self) -> list[int]:
        """(m,) the nearest opened node at or above each node, -1 for none."""
        opened = {each.node for each in self.explanation.opened}
        owner: list[int] = []
        for node, up in enumerate(self.watched.parent.tolist()):
            owner.append(node if node in opened else (owner[up] if up >= 0 else -1))
        return owner

    def _requests(self) -> Mapping[int, tuple[str, ...]]:
        found: dict[int, list[str]] = {}
        for node, calls in enumerate(self.watched.calls):
            if calls and self.owner[node] >= 0:
                found.setdefault(self.owner[node], []).extend(calls)
        return {node: tuple(sorted(calls)) for node, calls in found.items()}

    def _finding_nodes(self) -> Mapping[str, Finding]:
        """The last fault that a crew found, by the id of the node that it opens."""
        found: dict[str, Finding] = {}
        for finding in self.findings:
            node = self.tree.node_of_place(finding.place)
            place = finding.place if node is None else self.tree.ids[node]
            if finding.state in ("fault", "open"):
                found[place] = finding
            elif finding.state == "restored":
                found.pop(place, None)
        return found

    def _outage(self, opened: Opened) -> Outage:
        node, place = opened.node, self.watched.places[opened.node]
        extent = self._extent(node)
        finding = self.finding_at.get(place)
        kind = self.watched.kinds[node]
        protective = kind in PROTECTIVE
        since = self._since(opened, extent.requests, finding)
        return Outage(
            id=self._id(place),
            fault=self._fault(node, finding),
            since=since,
            requests=extent.requests,
            transformers=extent.transformers,
            customers_out=extent.customers,
            component=COMPONENTS.get(kind) or self.tree.components.get(place, "line"),
            customers=None if protective or kind == "transformer" else self._customers(node),
            device=place if protective else None,
            score=1.0 if finding else min(1.0, opened.score),
            alternatives=() if finding else self._alternatives(node),
            cause=finding.cause if finding else None,
            confirmed=finding is not None and finding.state == "fault",
            still_out=self._said_to_be_back(node, since),
            **self._doubt(node, finding),
        )

    def _doubt(self, node: int, finding: Finding | None) -> dict[str, Any]:
        """How many are out; what a crew has found leaves nothing open."""
        if finding is not None:
            return {}
        extent = self.extents[node]
        return {"expected": extent.expected, "fewest": extent.fewest, "most": extent.most}

    def _said_to_be_back(self, node: int, since: datetime) -> datetime | None:
        """When supply was last restored at a place or above it, not long before the outage."""
        path: set[str] = set()
        while node >= 0:
            path.add(self.watched.places[node])
            node = int(self.watched.parent[node])
        back = [each.at for each in self.findings if each.state == "restored" and each.place in path]
        last = max((at for at in back if at <= since), default=None)
        return last if last is not None and since - last <= STILL_OUT_WITHIN else None

    def _since(self, opened: Opened, requests: Sequence[str], finding: Finding | None) -> datetime:
        """The moment that a machine signalled, else that of the first call that belongs to the outage.

        Inference tries a limited number of moments, so that its own may lie a little before that call.
        """
        since = self.now + timedelta(minutes=round(opened.start_min * 60) / 60)
        own = [self.moments[each] for each in requests if self.moments[each] >= since - timedelta(seconds=1)]
        if own and since not in self.machines:
            since = min(own)
        return since if finding is None else min(since, finding.at)

    def _id(self, place: str) -> str:
        """Outage ids follow the place; a place restored before gets a number."""
        before = sum(1 for each in self.findings if each.state == "restored" and each.place == place)
        return f"O-{place}" if not before else f"O-{place}-{before + 1}"

    def _extent(self, node: int) -> _Extent:
        base = int(self.watched.base_idx[node])
        inner = [
            each.node
            for each in self.explanation.opened
            if each.node != node and self._next_above(each.node) == node
        ]
        customers = int(self.watched.size[node] - sum(int(self.watched.size[each]) for each in inner))
        transformers: tuple[str, ...] = ()
        if base >= 0 and self.watched.kinds[node] != "lv_main":
            taken = {
                name
                for each in inner
                if self.watched.base_idx[each] >= 0 and self.watched.kinds[each] != "lv_main"
                for name in self.tree.transformers_beneath(int(self.watched.base_idx[each]))
            }
            transformers = tuple(name for name in self.tree.transformers_beneath(base) if name not in taken)
        return _Extent(customers=customers, transformers=transformers, requests=self.requests.get(node, ()))

    def _next_above(self, node: int) -> int:
        up = int(self.watched.parent[node])
        return self.owner[up] if up >= 0 else -1

    def _customers(self, node: int) -> tuple[str, ...]:
        base, row = int(self.watched.base_idx[node]), int(self.watched.row[node])
        if base < 0:
            return (str(self.tree.customer_ids[row]),) if row >= 0 else ()
        rows = self.tree.customer_rows_beneath(base)
        return tuple(self.tree.customer_ids[rows].astype(str))

    def _fault(self, node: int, finding: Finding | None) -> Fault:
        place, kind = self.watched.places[node], self.watched.kinds[node]
        id_ = self._id(place)
        if finding is not None and finding.place in self.tree.lines:
            return Fault(id=id_, kind="line", place=finding.place)
        if kind == "transformer":
            return Fault(id=id_, kind="transformer", place=place)
        if kind in PROTECTIVE:
            first = self.tree.first_line.get(place)
            if first is not None:
                return Fault(id=id_, kind="line", place=first)
            return Fault(id=id_, kind="switch", place=place)
        return Fault(id=id_, kind="service", place=place)

    def _alternatives(self, node: int) -> tuple[Suspect, ...]:
        """Other nodes above and beneath that would explain the same calls, likeliest first."""
        above: list[int] = []
        up = int(self.watched.parent[node])
        while up >= 0:
            above.append(up)
            up = int(self.watched.parent[up])
        beneath = [each for each in self._beneath(node) if self.watched.base_idx[each] >= 0]
        topmost = self.explanation.topmost
        likely = [each for each in [*above, *beneath] if topmost[each] >= LEAST_SHARE]
        likely.sort(key=lambda each: (-topmost[each], each))
        return tuple(self._suspect(each) for each in likely[:MOST_ALTERNATIVES])

    def _beneath(self, node: int) -> Iterable[int]:
        inside = {node}
        for each in range(node + 1, len(self.watched.parent)):
            if int(self.watched.parent[each]) in inside:
                inside.add(each)
                yield each

    def _suspect(self, node: int) -> Suspect:
        calls = list(self.watched.calls[node])
        for each in self._beneath(node):
            calls.extend(self.watched.calls[each])
        return Suspect(
            place=self.watched.places[node],
            score=float(np.clip(self.explanation.topmost[node], 0, 1)),
            customers_out=int(self.watched.size[node]),
            requests=tuple(sorted(calls)),
            kind=self.watched.kinds[node],
        )
