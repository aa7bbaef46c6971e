"""What must be done, in order, before work may start on a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..ground.day import JobCard

# Dead working after EN 50110-1:2013, 6.2: disconnect, secure, prove dead, earth and short-circuit, guard
# what stays live. GB 26859-2011 names the same order: 停电、验电、装设接地线、悬挂标示牌和装设遮栏.
# A permit comes first in both (EN 50110-1, 6.2.7).
DEAD_WORK = ("permit", "isolate", "secure", "prove_dead", "earth", "guard")
# At low voltage earthing may be left out where nothing can feed back (EN 50110-1, 6.2.5).
LOW_VOLTAGE = ("isolate", "secure", "prove_dead", "guard")
LIVE_WORK = ("permit", "reclosing_off", "protective_gear")
# Dead at medium voltage, live, or dead at low voltage.
Method = Literal["dead", "live", "low"]
STEPS: Mapping[Method, tuple[str, ...]] = {"dead": DEAD_WORK, "live": LIVE_WORK, "low": LOW_VOLTAGE}
DANGER = ("keep_away", "protective_gear")
WORK_ON_PLANT = frozenset({"repair", "make_safe"})
MEDIUM_VOLTAGE = frozenset({"hv", "cable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyStep:
    """One box to tick.

    Parameters
    ----------
    id : what a tick is kept under.
    kind : the step's name, or `open` / `close` for a line of the switching list.
    device, name : of a switch.
    remote : the control room switches; the crew hears that it is done.
    """

    id: str
    kind: str
    device: str = ""
    name: str = ""
    remote: bool = False


def safety_steps(card: JobCard) -> tuple[SafetyStep, ...]:
    """The boxes of a job, in the order in which they are ticked."""
    first = DANGER if card.hazard else ()
    switching = tuple(
        SafetyStep(
            id=f"{number}:{action.action}:{action.device}",
            kind=action.action,
            device=action.device,
            name=action.name,
            remote=action.remote,
        )
        for number, action in enumerate(card.switching, 1)
    )
    rest = _rest(card)
    permit = tuple(name for name in rest if name == "permit")
    after = tuple(name for name in rest if name not in (*permit, *first))
    return (*_named(first), *_named(permit), *switching, *_named(after))


def method_of(card: JobCard) -> Method:
    """How the plant of a job is worked on, as its skills say."""
    if "live_line" in card.skills:
        return "live"
    return "dead" if card.skills & MEDIUM_VOLTAGE else "low"


def _rest(card: JobCard) -> tuple[str, ...]:
    if card.kind in WORK_ON_PLANT:
        return STEPS[method_of(card)]
    if card.kind == "service":
        return ("isolate", "prove_dead") if "metering" in card.skills else ()
    return ("permit",) if card.kind == "switching" and card.switching else ()


def _named(names: tuple[str, ...]) -> tuple[SafetyStep, ...]:
    return tuple(SafetyStep(id=name, kind=name) for name in names)
