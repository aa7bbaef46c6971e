"""What the evidence says for "off since then", node by node.

Every number is a log-likelihood ratio against "has supply", as a function of
the moment at which supply was lost, over a common list of such moments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from .evidence import STILL_OPEN, Call, Finding, Sign
from .settings import InferenceSettings
from .tree import Floats, Ints, SupplyTree
from .watched import MINUTES_PER_YEAR, Frame, Watched

# A crew's finding, or a device's own word, outweighs any number of calls, and stays finite so that sums do.
CERTAIN = 1e6
MOST_STARTS = 160
# No caller with supply is rarer than this beside one without: keeps one odd call from splitting a feeder.
LEAST_DENSITY_SHARE = 1e-3
JUST_AFTER_MIN = 1 / 60
# Evidence of one kind, each beside the node that it speaks of.
Told = TypeVar("Told")
Heard = Sequence[tuple[Told, int]]
OFF_SIGNS = frozenset({"last_gasp", "supply_off", "tripped"})


def minutes_before(moment: datetime, now: datetime) -> float:
    """A moment as minutes from `now`, negative in the past."""
    return (moment - now).total_seconds() / 60


def watch(
    tree: SupplyTree,
    calls: Sequence[Call],
    signs: Sequence[Sign],
    findings: Sequence[Finding],
    now: datetime,
    settings: InferenceSettings,
    *,
    meters_gasp: bool = False,
) -> Watched:
    """Gather the evidence known at `now` on the nodes it touches.

    Parameters
    ----------
    meters_gasp : whether any meter of the utility has gasped, so that the silence of the others counts.
    """
    findings = sorted((each for each in findings if each.at <= now), key=lambda each: each.at)
    answered = Answered(tree, findings)
    calls = [each for each in calls if each.at <= now and not answered.call(each)]
    signs = [each for each in signs if each.at <= now and not answered.sign(each)]
    frame = Frame(tree, settings)
    called = [(each, frame.leaf(_leaf_key(each), each.place, each.is_customer)) for each in calls]
    signed = [(each, node) for each in signs if (node := frame.of_place(each.place)) is not None]
    found = [
        (each, node)
        for each in findings
        if (node := frame.of_place(each.place)) is not None and _is_whole(each, frame.place[node])
    ]
    starts = _starts(calls, signs, findings, now)
    off = _off_by_silence(frame, starts, settings)
    if meters_gasp:
        off += _off_by_silent_meters(frame, starts, settings)
    sheet = _Sheet(starts, now, settings, off, np.zeros(off.shape[1:]))
    _hear_calls(called, sheet)
    for sign, node in signed:
        _hear_sign(sign, node, sheet)
    forced = _hear_findings(frame, found, signed, sheet)
    calls_at: list[list[str]] = [[] for _ in frame.base]
    for call, node in called:
        calls_at[node].append(call.id)
    return frame.finish(starts, off, sheet.opening, calls_at, forced, _waiting(frame, called, signed, found))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the evidence says, as it is added up.

    Parameters
    ----------
    starts : (k,) moments tried, minutes from `now`.
    off, opening : as in `Watched`.
    """

    starts: Floats
    now: datetime
    settings: InferenceSettings
    off: Floats
    opening: Floats


def _leaf_key(call: Call) -> str:
    """One leaf for all calls of a customer, one for each call of nobody known."""
    return call.place if call.is_customer else f"?{call.id}"


def _waiting(frame: Frame, called: Heard[Call], signed: Heard[Sign], found: Heard[Finding]) -> list[int]:
    """Services whose own meter, or a crew that looked, has not said since the call that they have supply."""
    supplied: dict[int, datetime] = {}
    told = [(sign.at, node) for sign, node in signed if sign.kind == "supply_on"]
    told += [(each.at, node) for each, node in found if each.state in ("sound", "restored")]
    for at, node in told:
        if frame.base[node] < 0:
            supplied[node] = max(at, supplied.get(node, at))
    return sorted({node for call, node in called if node not in supplied or call.at > supplied[node]})


def _hear_findings(frame: Frame, found: Heard[Finding], signed: Heard[Sign], sheet: _Sheet) -> list[int]:
    """Believe what was found, oldest first; returns the nodes that somebody has found open."""
    asked_off = [
        (node, minutes_before(sign.at, sheet.now)) for sign, node in signed if sign.kind == "supply_off"
    ]
    forced: dict[int, bool] = {}
    for finding, node in found:
        at = minutes_before(finding.at, sheet.now)
        _believe(finding.state, at, sheet.starts, sheet.off[:, node], sheet.opening[node])
        forced[node] = finding.state in STILL_OPEN
        if finding.state == "restored":
            still = frozenset(each for each, asked_at in asked_off if asked_at > at)
            _suspect_beneath(frame, node, at, still, sheet)
    return [node for node, held in forced.items() if held]


def _suspect_beneath(frame: Frame, node: int, at: float, still: frozenset[int], sheet: _Sheet) -> None:
    """Whoever calls after supply was restored above is most likely still out by something beneath.

    So is, the more, whose meter was asked and has none (`still`): a meter does not call by mistake.
    """
    starts, odds = sheet.starts, math.log(sheet.settings.still_out_odds)
    moment = int(np.searchsorted(starts, at + JUST_AFTER_MIN - 1e-9))
    if moment == len(starts) or starts[moment] - at > 2 * JUST_AFTER_MIN:
        return
    beneath = {node}
    for each in range(node + 1, len(frame.parent)):
        if frame.parent[each] in beneath:
            beneath.add(each)
            sheet.opening[each, moment] += odds * (2 if each in still else 1)


def _is_whole(finding: Finding, place: str) -> bool:
    """Whether a finding speaks of a node, not of one line in its zone.

    A fault found on a line has opened the device above it; a sound line says
    nothing of the other lines.
    """
    return finding.place == place or finding.state in STILL_OPEN


class Answered:
    """Whether supply came back after somebody said that it was gone, as far as crews have said.

    What is known to be open beneath the restored place stays without supply,
    and so do its calls.

    Parameters
    ----------
    findings : by time.
    """

    def __init__(self, tree: SupplyTree, findings: Sequence[Finding]) -> None:
        self._tree = tree
        self._last = {each.place: (each.state, each.at) for each in findings}

    def call(self, call: Call) -> bool:
        """Whether a call is answered."""
        return self._by(call.place, call.at, is_customer=call.is_customer)

    def sign(self, sign: Sign) -> bool:
        """Whether a sign of lost supply is answered; one of supply never is."""
        if sign.kind not in OFF_SIGNS:
            return False
        is_customer = self._tree.row_of_customer(sign.place) is not None
        return self._by(sign.place, sign.at, is_customer=is_customer)

    def _by(self, said_by: str, said_at: datetime, *, is_customer: bool) -> bool:
        for place in path_of(self._tree, said_by, is_customer=is_customer):
            if place in self._last:
                what, at = self._last[place]
                if what in STILL_OPEN:
                    return False
                if what == "restored" and at >= said_at:
                    return True
        return False


def path_of(tree: SupplyTree, place: str, *, is_customer: bool) -> tuple[str, ...]:
    """A place and the ids of what stands above it, up to the source."""
    node: int | None = None
    if not is_customer:
        node = tree.node_of_place(place)
    elif (row := tree.row_of_customer(place)) is not None and tree.customer_node_idx[row] >= 0:
        node = int(tree.customer_node_idx[row])
    above = () if node is None else tree.above(node)
    return (place, *(tree.ids[each] for each in above))


def _starts(
    calls: Sequence[Call], signs: Sequence[Sign], findings: Sequence[Finding], now: datetime
) -> Floats:
    """Moments at which supply may have been lost: those of the calls and signs themselves.

    Whatever the true moment, a group of calls is most likely when supply is
    lost just before the first of them.
    """
    speaking = [each.at for each in signs if each.kind in OFF_SIGNS]
    just_after = timedelta(minutes=JUST_AFTER_MIN)
    speaking += [each.at + just_after for each in findings if each.state == "restored"]
    machine = [minutes_before(at, now) for at in {*speaking, *(each.at for each in findings)}]
    heard = [minutes_before(each.at, now) for each in calls]
    return np.unique(np.concatenate([_thinned(heard), _thinned(machine), [] if heard or machine else [0.0]]))


def _thinned(moments: Sequence[float]) -> Floats:
    unique = np.unique(np.asarray(moments, dtype=np.float64))
    if len(unique) <= MOST_STARTS:
        return unique
    return unique[np.linspace(0, len(unique) - 1, MOST_STARTS).astype(np.int64)]


def _off_by_silence(frame: Frame, starts: Floats, settings: InferenceSettings) -> Floats:
    """(shares, m, k) what silence says: of the customers who are no leaves, and of each leaf itself."""
    quiet = np.log1p(-settings.called_by(-starts))
    return np.asarray(_silent(frame)[None, :, None] * quiet[:, None, :], dtype=np.float64)


def _off_by_silent_meters(frame: Frame, starts: Floats, settings: InferenceSettings) -> Floats:
    """(m, k) what it says that the other meters did not gasp, once they have had the time to."""
    due = starts <= -settings.signal_spread_min
    quiet = np.where(due, np.log1p(-settings.gasp_share), 0.0)
    inner = np.array(frame.base) >= 0
    return np.outer(_silent(frame) * inner, quiet).astype(np.float64)


def _silent(frame: Frame) -> Ints:
    """(m,) customers of each node who are no leaves; 1 for a leaf itself."""
    size = frame.sizes()
    silent = size.copy()
    for node, up in enumerate(frame.parent):
        if up >= 0:
            silent[up] -= size[node]
    return np.maximum(silent, 0)


def _hear_calls(called: Heard[Call], sheet: _Sheet) -> None:
    """Replace a leaf's silence by its first call at or after the start."""
    settings, starts = sheet.settings, sheet.starts
    shares = settings.shares
    false_per_min = (
        settings.false_call_share * shares.max() * settings.service_faults_per_year / MINUTES_PER_YEAR
    )
    # Later calls first, so that at each moment the first call after it is what stays.
    latest_first = sorted(called, key=lambda pair: pair[0].at, reverse=True)
    most = float(settings.density(np.zeros(1))[0])
    for call, node in latest_first:
        at = minutes_before(call.at, sheet.now)
        count = int(np.searchsorted(starts, at, side="right"))
        lateness = np.log(np.maximum(settings.density(at - starts[:count]) / most, LEAST_DENSITY_SHARE))
        heard = np.log(shares * most / false_per_min)
        sheet.off[:, node, :count] = heard[:, None] + settings.delay_weight * lateness
    _hear_extents(called, sheet)


def _hear_extents(called: Heard[Call], sheet: _Sheet) -> None:
    """What callers said of others: "only my flat" for the own service, "the whole street" against it."""
    odds = math.log(sheet.settings.extent_odds)
    said: dict[int, str] = {}
    for call, node in sorted(called, key=lambda pair: pair[0].at):
        if call.extent is not None and call.is_customer:
            said[node] = call.extent
    for node, extent in said.items():
        if extent == "one":
            # Less likely of a loss that others share; as likely as ever of the own service.
            sheet.off[:, node] -= odds
            sheet.opening[node] += odds
        else:
            sheet.opening[node] -= odds


def _hear_sign(sign: Sign, node: int, sheet: _Sheet) -> None:
    starts, settings, at = sheet.starts, sheet.settings, minutes_before(sign.at, sheet.now)
    off, opening = sheet.off[:, node], sheet.opening[node]
    before = starts <= at + settings.signal_spread_min
    apart = np.abs(starts - at) / settings.signal_spread_min
    # Clocks that are a little off are likelier than clocks that are as far off as may be.
    near, less = apart <= 1, 0.5 * apart**2
    match sign.kind:
        case "last_gasp":
            off += np.where(near, math.log(settings.gasp_odds) - less, 0.0)
        case "supply_off":
            off += np.where(before, math.log(settings.ping_odds), 0.0)
        case "supply_on":
            off -= np.where(starts <= at, math.log(settings.ping_odds), 0.0)
        case "tripped":
            # Its state is measured: nobody's silence speaks against it until it says that it has closed.
            opening += np.where(near, CERTAIN - less, 0.0)
        case "closed":
            opening -= np.where(starts <= at, CERTAIN, 0.0)


def _believe(state: str, at: float, starts: Floats, off: Floats, opening: Floats) -> None:
    past = starts <= at
    match state:
        case "fault" | "open" | "held":
            opening += np.where(past, CERTAIN, 0.0)
        case "sound":
            opening -= np.where(past, CERTAIN, 0.0)
        case "restored":
            off -= np.where(past, CERTAIN, 0.0)
            # What was found open before has been closed.
            opening[past] = np.minimum(opening[past], 0.0)
