"""What a dispatcher changes by hand, and what is asked of a plan: filled in and pressed as a person does.

A walk that tries whatever it meets comes to these forms by chance alone: each wants a job that fits it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.acceptance.controls import Walker

# Of each way to change a job: what is filled in, by the field's name; a field without a text is pressed.
WORK: dict[str, dict[str, str | None]] = {
    "split": {"first": "20", "second": "25", "together": None},
    "merge": {"into": None, "minutes": "50"},
    "time": {"from": "12:00", "to": "18:00"},
    "estimate": {"minutes": "70"},
    "remove": {},
}
REASON = "the customer asked for it"
ROWS = "#jobs tr:not([hidden]):not(.ended):not(.danger)"
PLANNED = f"{ROWS}:not(:has(.c-crew .undone))"
LEFT_OUT = f"{ROWS}:has(.c-crew .undone)"
MOST_JOBS = 8
# The planner takes up to a second to answer, on a busy machine more.
SOON_MS = 15_000
# What may stand in the part that says why: each kind is followed once.
ANSWERS = (
    "#detail .why .findings.order .link",
    "#detail .why .findings:not(.order) .link",
    "#detail .why details > summary",
    "#detail .why details .link",
)
# Of a proposal: what is folded, a freer one, and no.
PROPOSED = "#strip button.proposal"
FOLDED = "#detail .proposed details:not([open]) > summary"
TURN = "#detail [data-answer={}]"
DONE = """() => {
  const panel = document.getElementById("hand");
  return !panel.open || panel.querySelector(".wrong:not([hidden])");
}"""
TRIED = "() => document.querySelector('#hand .tried')?.childElementCount"
ANSWERED = "() => document.querySelector('#detail .why .findings, #detail .why .wrong')"


class Hands:
    """A dispatcher in front of the board."""

    def __init__(self, walker: Walker) -> None:
        self.walker, self.page = walker, walker.page
        self.taken: set[str] = set()

    def change_work(self) -> None:
        """Change a job in each way that there is; one of the changes is taken back, and made again."""
        back = ["#undo:enabled", "#redo:enabled"]
        for what, fields in WORK.items():
            if not any(self._change(job, what, fields) for job in self._selected(PLANNED)):
                self.walker.complain(f"no job could be changed by hand: {what}")
            # Whoever else publishes in between takes undo away from this board.
            while back and what != "estimate" and self._comes(back[0]) and self.walker.use(back[0]):
                back.pop(0)
        if back:
            self.walker.complain(f"{back[0]} could never be pressed")

    def move_work(self) -> None:
        """Give a job to the best other crew, as the board offers it."""
        if not any(self._move() for _ in self._selected(PLANNED)):
            self.walker.complain("no job could be moved by hand")

    def _move(self) -> bool:
        self.walker.stroke("m")
        if not (self._comes("#hand .best button") and self.walker.use("#hand .best button")):
            return False
        if not self._comes("#hand form.moves .main:enabled"):
            return False
        self.walker.use("#hand form.moves [name=reason]", REASON)
        self.walker.use("#hand form.moves .main")
        self._holds(DONE)
        return not self.page.locator("#hand[open]").count()

    def _comes(self, which: str) -> bool:
        """Whether something is there soon; news may have taken it away."""
        try:
            self.page.locator(which).first.wait_for(timeout=SOON_MS)
        except Exception:
            return False
        return True

    def _holds(self, what: str) -> bool:
        """Whether something comes to hold; news may have closed what it is asked of."""
        try:
            self.page.wait_for_function(what, timeout=SOON_MS)
        except Exception:
            return False
        return True

    def _selected(self, rows: str) -> Iterator[str]:
        """Jobs of the list, each selected in its turn."""
        self.walker.open("/")
        known = self.page.eval_on_selector_all(rows, "all => all.map((each) => each.dataset.id)")
        for job in [each for each in known if each not in self.taken][:MOST_JOBS]:
            while self.page.locator("dialog[open]").count():
                self.walker.stroke("Escape")
            if self.walker.use(f"#jobs tr[data-id='{job}'] button"):
                yield job

    def _change(self, job: str, what: str, fields: dict[str, str | None]) -> bool:
        """Open the form, fill it in, apply it; False where this job cannot be changed so."""
        self.walker.stroke("e")
        if not self.walker.use(f"#hand [data-work={what}]"):
            return False
        for name, text in {**fields, "reason": REASON}.items():
            if not self.walker.use(f"#hand [name={name}]", text):
                self.walker.complain(f"{what}: no field {name}")
        if what != "estimate" and not self._holds(TRIED):
            return False
        if not self.walker.use("#hand button.main:enabled"):
            return False
        self._holds(DONE)
        self.taken.add(job)
        return not self.page.locator("#hand[open]").count()

    def ask_why(self) -> None:
        """Ask of jobs why they stand where they do, and follow every kind of answer."""
        left = list(ANSWERS)
        for rows in (PLANNED, LEFT_OUT):
            for job in self._selected(rows):
                left = [which for which in left if not self._follows(job, which)]
                if not left:
                    break
        for _ in self._selected(LEFT_OUT):
            if self._holds(ANSWERED) and self.walker.use("#detail details.why > summary"):
                break

    def answer_proposals(self, propose: Callable[[], object]) -> None:
        """Read a proposal with all that is folded, ask for a freer one, decline that.

        Parameters
        ----------
        propose : brings one about that moves visits. A walk that tries what it meets mostly comes too late:
            what it has opened is answered, or replaced, before it can be read.
        """
        propose()
        self.walker.open("/")
        left = [TURN.format("freely"), TURN.format("decline")]
        for _ in range(MOST_JOBS):
            if not (self._comes(PROPOSED) and self.walker.use(PROPOSED)):
                propose()
                continue
            while self.page.locator(FOLDED).count() and self.walker.use(FOLDED):
                pass
            if self._comes(left[0]) and self.walker.use(left[0]):
                left.pop(0)
            if not left:
                return
        self.walker.complain(f"a proposal could never be answered: {', '.join(left)}")

    def sort_out(self, request: str) -> None:
        """Give a request that the rules leave open one of the likeliest kinds, on its panel."""
        self.walker.open("/requests")
        for which in (f"#rows tr[data-id='{request}'] .open-it", "#request button[data-kind]"):
            if not (self._comes(which) and self.walker.use(which)):
                self.walker.complain(f"{request} could not be sorted out: no {which}")
                return

    def _follows(self, job: str, which: str) -> bool:
        """Open the part that says why, and use what its answer offers; False where it offers nothing such."""
        if not self.page.locator("#detail details.why").count():
            self.walker.use(f"#jobs tr[data-id='{job}'] button")
            if not self._comes("#detail details.why"):
                return False
        closed = "#detail details.why:not([open]) > summary"
        if self.page.locator(closed).count() and not self.walker.use(closed):
            return False
        if not self._holds(ANSWERED):
            return False
        if "details .link" in which and self.page.locator("#detail .why details:not([open])").count():
            self.walker.use("#detail .why details > summary")
        return bool(self.page.locator(f"{which} >> visible=true").count()) and self.walker.use(which)
