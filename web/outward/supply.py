"""Is my supply out? A customer asks with the customer number and the last digits of the telephone.

Number and digits that do not fit together read the same as a number that does not exist, and both are
counted alike: by address (`entrance.limits`), by number and in all, so that nobody tries digit after digit.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass, field

from flask import Blueprint, current_app, render_template, request

from dispatch.outward.supplies import LAST_DIGITS, Known, Supplies

from ..entrance.access import allow_everyone
from ..entrance.asker import desk
from ..entrance.limits import Buckets, Rate
from ..words.language import current_language
from .files import PAGES, folder

MOST_NUMBER = 60
# Everybody's numbers share so many places: memory is bounded, and nobody can flush what was counted.
PLACES = 65_536
A_NUMBER = Rate(burst=5, a_minute=0.2)
ALL_UNMATCHED = Rate(burst=300, a_minute=120)
CLOSED_S = 60.0
DIGITS = re.compile(rf"[0-9]{{{LAST_DIGITS}}}")

outward_supply = Blueprint("outward_supply", __name__, url_prefix="/public")


@dataclass
class Asked:
    """How often each number was asked for."""

    numbers: Buckets = field(default_factory=lambda: Buckets(most=PLACES + 1))
    unmatched: Buckets = field(default_factory=Buckets)
    closed_until_s: float = 0.0

    def too_often(self, number: str, secret: str) -> bool:
        """Count a question about a number, known or not; whether it is one too many."""
        told = hashlib.blake2b(number.casefold().encode(), key=secret.encode()[:64], digest_size=8).digest()
        place = f"number {int.from_bytes(told) % PLACES}"
        now_s = time.monotonic()
        return self.numbers.wait_s(place, A_NUMBER, now_s) > 0 or now_s < self.closed_until_s

    def unmatching(self) -> None:
        """Count an answer that did not fit; where many guess from many places at once, nobody is answered."""
        now_s = time.monotonic()
        wait_s = self.unmatched.wait_s("all", ALL_UNMATCHED, now_s)
        if wait_s > 0:
            self.closed_until_s = now_s + CLOSED_S


@outward_supply.get("/supply")
@allow_everyone
def page() -> str:
    """Ask for number and digits."""
    folder()
    return _shown(None)


@outward_supply.post("/supply")
@allow_everyone
def answer() -> str | tuple[str, int]:
    """Say whether this customer has supply."""
    folder()
    number, digits = request.form.get("number", "").strip(), request.form.get("digits", "").strip()
    asked = current_app.extensions.setdefault("gridcrew_supply_asked", Asked())
    if len(number) > MOST_NUMBER or asked.too_often(number, str(current_app.config["SECRET_KEY"])):
        return _shown("too_often"), 429
    supplies = _supplies()
    known = supplies.asked(number, digits if DIGITS.fullmatch(digits) else "")
    if supplies.off() is None:
        return _shown("unknown")
    if known is None:
        asked.unmatching()
        return _shown("unmatched")
    return _shown("off" if known.off and known.off.certain else "maybe" if known.off else "on", known)


def _supplies() -> Supplies:
    found: Supplies | None = current_app.extensions.get("gridcrew_supplies")
    if found is None:
        found = current_app.extensions["gridcrew_supplies"] = Supplies(desk())
    return found


def _shown(state: str | None, known: Known | None = None) -> str:
    return render_template(
        "supply.html",
        state=state,
        known=known,
        home=PAGES[current_language()],
        utility=desk().case.settings.name,
        most=MOST_NUMBER,
    )
