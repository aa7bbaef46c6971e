"""Checks of a policy as a whole: what can never match, what contradicts, what is left open.

What can never match is proven by CP-SAT, over the cells of `rules.space` for
numbers and choices, and over one yes-or-no per condition for texts and
expressions, of which only what is certain is assumed (a text that holds one of
a few words holds one of more words).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from ..columns import Array
from ..conditions import Condition, finder
from ..errors import PolicyFault, by_place
from ..pattern import folded
from ..policy import Policy
from ..promises import promise_faults
from ..showing import value_text
from ..space import Possible, Space
from ..tables import Row, Table
from ..vocabulary import REQUIRED
from .box import merged, rows_hiding
from .cp_sat import one_worker_solver

SOLVE_S = 5.0
MOST_PAIRS = 30
SAMPLES = 24
# The longest promises run for 32 working days.
AHEAD = timedelta(days=60)


def lint(policy: Policy, today: date | None = None) -> tuple[PolicyFault, ...]:
    """All errors and warnings of a policy that has loaded.

    Parameters
    ----------
    today : warns when the calendar does not know the public holidays of the weeks to come.

    Returns
    -------
    Faults in the order of the file; ``level`` tells errors from warnings.
    """
    faults: list[PolicyFault] = []
    for stage, tables in policy.tables.items():
        possible = Possible(policy.given[stage])
        for table in tables:
            checker = _TableLint(policy, table, possible)
            faults.extend(checker.faults())
            possible.after(table, checker.gapless)
        faults.extend(_required(policy, stage, possible))
        faults.extend(promise_faults(policy, stage))
    faults.extend(_without_source(policy))
    faults.extend(_unused(policy))
    faults.extend(_needless_words(policy))
    if today is not None:
        faults.extend(_unknown_years(policy, today))
    return tuple(sorted(faults, key=by_place))


def _unknown_years(policy: Policy, today: date) -> Iterator[PolicyFault]:
    """Years that promises in working days reach into, of which the calendar has no public holidays."""
    days = {day.year: day for day in (today + AHEAD, today)}
    for _, day in sorted(days.items()):
        text = policy.calendar.without_year(day)
        if text is not None:
            yield _warning(
                policy, "", text, f"日历未收录{day.year}年的法定节假日：按工作日计的时限只扣除周末"
            )


def errors(faults: Sequence[PolicyFault]) -> tuple[PolicyFault, ...]:
    """The errors among faults.

    Parameters
    ----------
    faults : what lint found.

    Returns
    -------
    tuple of PolicyFault
        Without the warnings.
    """
    return tuple(fault for fault in faults if fault.level == "error")


def _required(policy: Policy, stage: str, possible: Possible) -> Iterator[PolicyFault]:
    place = policy.tables[stage][0].place if policy.tables[stage] else ""
    for name in REQUIRED[stage]:
        if name not in possible.values:
            text = f"stage '{stage}' has no table that sets '{name}'"
            yield _error(policy, place, text, f"阶段“{stage}”没有任何表给出“{name}”")


def _without_source(policy: Policy) -> Iterator[PolicyFault]:
    for table in policy.every_table():
        for row in table.every_row():
            for setting in row.settings:
                if setting.fact.is_number and setting.source is None:
                    text = (
                        f"figure '{setting.fact.name}: {setting.text}' in table '{table.name}' has no source"
                    )
                    zh = f"表“{table.name}”中的数值“{setting.fact.name}: {setting.text}”没有来源"
                    yield _error(policy, setting.place, text, zh)


def _unused(policy: Policy) -> Iterator[PolicyFault]:
    texts = [c.text for t in policy.every_table() for row in t.rows for c in row.conditions]
    for name in policy.lists:
        if not any(f"@{name}" in text.replace(",", " ").split() for text in texts):
            yield _warning(policy, "", f"list '{name}' is used by no row", f"词表“{name}”未被任何行使用")
    used = {s.source for t in policy.every_table() for row in t.every_row() for s in row.settings}
    used |= {row.source for t in policy.every_table() for row in t.every_row()}
    for key in policy.sources:
        if key not in used:
            yield _warning(policy, "", f"source '{key}' is used by no row", f"来源“{key}”未被任何行使用")


def _needless_words(policy: Policy) -> Iterator[PolicyFault]:
    """Words of a list that another word of it already finds."""
    for name, words in policy.lists.items():
        known = [folded(word).strip() for word in words]
        for word in known:
            other = next((o for o in known if o != word and _word_implies(word, [o])), None)
            if other is not None:
                text = f"list '{name}': '{word}' is found by '{other}' already"
                yield _warning(policy, "", text, f"词表“{name}”：“{word}”已被“{other}”涵盖")


def _error(policy: Policy, place: str, text: str, zh: str) -> PolicyFault:
    return PolicyFault(file=policy.file, place=place, text=text, zh=zh)


def _warning(policy: Policy, place: str, text: str, zh: str) -> PolicyFault:
    return PolicyFault(file=policy.file, place=place, text=text, zh=zh, level="warning")


def example_text(policy: Policy, facts: dict[str, Any], language: str = "en") -> str:
    """A request as people read it: ``class P3, customers_out 640 customers``."""
    unit = {name: policy.facts[name].unit for name in facts}
    parts = [f"{name} {value_text(value, unit[name], language)}" for name, value in facts.items()]
    if language == "zh":
        return "，".join(parts) or "未给出任何事实"
    return ", ".join(parts) or "nothing given"


class _TableLint:
    """The checks of one table."""

    def __init__(self, policy: Policy, table: Table, possible: Possible) -> None:
        self.policy = policy
        self.table = table
        self.possible = possible
        self.space = Space(table, possible)
        self.gapless = table.otherwise is not None
        self.meets, self.inside = self._pairs()

    def _pairs(self) -> tuple[Array, Array]:
        """Compare all rows with all, by the facts whose cells are all there is.

        Returns
        -------
        meets : (rows, rows) bool, whether two rows may both hold; what texts cannot tell apart counts as may.
        inside : (rows, rows) bool, whether whatever satisfies the first of two rows satisfies the second.
        """
        rows = self.table.rows
        meets = np.ones((len(rows), len(rows)), dtype=bool)
        inside = meets.copy()
        for name in self.space.names:
            if self.space.axes[name].is_exact:
                cells = np.array([self.space.allowed(row, name) for row in rows], dtype=np.float32)
                meets &= (cells @ cells.T) > 0
                inside &= (cells @ (1 - cells).T) == 0
        return meets, inside

    def faults(self) -> list[PolicyFault]:
        found = [*self._impossible(), *self._gaps()]
        if self.table.hit == "first":
            found.extend(self._hidden())
        if self.table.hit == "unique":
            found.extend(self._overlaps())
        return found

    def _impossible(self) -> Iterator[PolicyFault]:
        """Rows that ask for what a fact can never be."""
        for row in self.table.rows:
            for condition in row.conditions:
                axis = self.space.axes[condition.fact.name]
                if axis.is_exact and not axis.holds[condition.text].any():
                    name = condition.fact.name
                    text = f"row {row.number} of '{self.table.name}' can never match: '{name}' is never "
                    zh = (
                        f"表“{self.table.name}”第{row.number}行永不匹配：此处“{name}”不会是“{condition.text}”"
                    )
                    yield _error(self.policy, row.place, text + f"'{condition.text}' here", zh)

    def _hidden(self) -> Iterator[PolicyFault]:
        """Rows under `first` that the rows above them hide."""
        for position, row in enumerate(self.table.rows):
            above = [self.table.rows[int(at)] for at in np.flatnonzero(self.meets[position, :position])]
            covering = self._covering(position)
            if covering or (above and not self._witnessed(row, above, position)):
                hiding = _hiding(self.space, self.possible, row, above, covering)
                if hiding:
                    yield self._hidden_fault(row, hiding)

    def _covering(self, position: int) -> Row | None:
        """The first row above that holds wherever a row holds, as far as can be seen without proof."""
        row, rows = self.table.rows[position], self.table.rows
        above = (rows[int(at)] for at in np.flatnonzero(self.inside[position, :position]))
        return next((other for other in above if _covers(self.space, other, row)), None)

    def _hidden_fault(self, row: Row, hiding: Sequence[Row]) -> PolicyFault:
        names = " and ".join(f"row {other.number} ({other.place})" for other in hiding)
        verb = "hides" if len(hiding) == 1 else "hide"
        text = f"row {row.number} of '{self.table.name}' can never match: {names} above {verb} it"
        above = "、".join(f"第{other.number}行（{other.place}）" for other in hiding)
        zh = f"表“{self.table.name}”第{row.number}行永不匹配：已被其上方的{above}遮盖"
        return _error(self.policy, row.place, text, zh)

    def _witnessed(self, row: Row, above: Sequence[Row], seed: int) -> bool:
        """Whether a request drawn at random meets the row and none above."""
        samples = self.space.samples(row, SAMPLES, seed)
        return any(row.holds(facts) and not any(other.holds(facts) for other in above) for facts in samples)

    def _overlaps(self) -> Iterator[PolicyFault]:
        """Pairs of rows under `unique` that both hold for a request and set different things."""
        count = 0
        for one, other in self._meeting_pairs():
            if count >= MOST_PAIRS:
                return
            facts = self._meeting(one, other)
            if facts is not None:
                count += 1
                text = f"rows {one.number} and {other.number} of '{self.table.name}' both match under unique"
                example = example_text(self.policy, facts)
                zh = f"表“{self.table.name}”规定唯一匹配，而第{one.number}行与第{other.number}行"
                zh += "同时匹配且结果不一，例如：" + example_text(self.policy, facts, "zh")
                yield _error(self.policy, other.place, f"{text} and disagree, for example: {example}", zh)

    def _meeting_pairs(self) -> Iterator[tuple[Row, Row]]:
        rows = self.table.rows
        for i, j in zip(*np.nonzero(np.triu(self.meets, k=1)), strict=True):
            if _disagree(rows[int(i)], rows[int(j)]):
                yield rows[int(i)], rows[int(j)]

    def _meeting(self, one: Row, other: Row) -> dict[str, Any] | None:
        cells: dict[str, int] = {}
        for name in self.space.names:
            both = np.flatnonzero(self.space.allowed(one, name) & self.space.allowed(other, name))
            asked = one.condition_on(name) or other.condition_on(name)
            missing = len(self.space.axes[name].cells) - 1
            cells[name] = int(both[0]) if asked or missing not in both else missing
        facts = self.space.point(cells)
        return facts if one.holds(facts) and other.holds(facts) else None

    def _gaps(self) -> Iterator[PolicyFault]:
        """A request that no row answers, where the policy does not say that this is meant."""
        if self.table.otherwise is not None or self.table.hit.startswith("collect"):
            return
        open_, _, facts = _Question(self.space, self.possible, None, self.table.rows).answer()
        self.gapless = not open_
        if not open_ or self.table.gaps_meant or self.table.fire(facts):
            return
        wanted = [name for name in self.table.sets if name in REQUIRED[self.table.stage]]
        level = _error if wanted else _warning
        text = f"table '{self.table.name}' leaves a gap: no row matches {example_text(self.policy, facts)}"
        hint = "add a row, 'otherwise', or 'gaps: meant'"
        zh = f"表“{self.table.name}”有空缺：{example_text(self.policy, facts, 'zh')} 没有匹配的行"
        zh += "（请补一行，或写otherwise，或写gaps: meant）"
        yield level(self.policy, self.table.place, f"{text} ({hint})", zh)


def _disagree(one: Row, other: Row) -> bool:
    mine = {setting.fact.name: setting.text for setting in one.settings}
    its = {setting.fact.name: setting.text for setting in other.settings}
    return any(its.get(name, text) != text for name, text in mine.items())


class _Question:
    """One question to CP-SAT: is there a request that meets a row and none of some others?

    Only the conditions of these rows enter, and of a fact's cells only those
    that the row allows and that the others tell apart.
    """

    def __init__(self, space: Space, possible: Possible, row: Row | None, others: Sequence[Row]) -> None:
        self.space = space
        self.possible = possible
        self.row = row
        self.others = list(others)
        self.model = cp_model.CpModel()
        self.cells: dict[str, tuple[cp_model.IntVar, Array]] = {}
        self.literals: dict[tuple[str, str], Any] = {}
        for name in space.names:
            asked = {c.text: c for other in others if (c := other.condition_on(name))}
            own = row.condition_on(name) if row else None
            if space.axes[name].is_exact:
                self._exact(name, list(asked))
            else:
                self._loose(name, {**asked, **({own.text: own} if own else {})}, own)
        if row is not None and row.expression is not None:
            self.literals["cel", row.expression.source] = self.model.new_constant(1)
        self.selectors = [self._clause(other) for other in self.others]

    def _exact(self, name: str, texts: Sequence[str]) -> None:
        kinds, kept = merged(self.space, name, self.row, texts)
        if not len(kept):
            self.model.add_bool_or([])
            kinds, kept = np.zeros((len(texts), 1), dtype=bool), np.zeros(1, dtype=np.int64)
        cell = self.model.new_int_var(0, len(kept) - 1, name)
        self.cells[name] = (cell, kept)
        for text, holds in zip(texts, kinds, strict=True):
            self.literals[name, text] = self._literal(cell, holds)

    def _literal(self, cell: cp_model.IntVar, holds: Array) -> Any:
        if holds.all() or not holds.any():
            return self.model.new_constant(int(holds.any()))
        literal = self.model.new_bool_var("")
        inside = cp_model.Domain.from_values(np.flatnonzero(holds).tolist())
        outside = cp_model.Domain.from_values(np.flatnonzero(~holds).tolist())
        self.model.add_linear_expression_in_domain(cell, inside).only_enforce_if(literal)
        self.model.add_linear_expression_in_domain(cell, outside).only_enforce_if(~literal)
        return literal

    def _loose(self, name: str, asked: dict[str, Condition], own: Condition | None) -> None:
        """One yes-or-no per condition; only what follows for certain ties them together."""
        missing = self.model.new_bool_var(f"{name} missing")
        if not self.possible.may_miss(name):
            self.model.add_bool_and([~missing])
        for text, condition in asked.items():
            literal = self.literals[name, text] = self.model.new_bool_var(text)
            self.model.add_implication(missing, literal if condition.missing else ~literal)
            if condition.given:
                self.model.add_implication(~missing, literal)
            if _only_missing(condition):
                self.model.add_implication(literal, missing)
        for one, other in itertools.permutations(asked.values(), 2):
            if _implies(one, other):
                self.model.add_implication(self.literals[name, one.text], self.literals[name, other.text])
        if own is not None:
            self.model.add_bool_and([self.literals[name, own.text]])

    def _clause(self, other: Row) -> Any:
        """Not all of a row's conditions hold, as long as the row's own selector is on."""
        literals = [~self.literals[c.fact.name, c.text] for c in other.conditions]
        if other.expression is not None:
            key = ("cel", other.expression.source)
            if key not in self.literals:
                self.literals[key] = self.model.new_bool_var("cel")
            literals.append(~self.literals[key])
        selector = self.model.new_bool_var("")
        self.model.add_bool_or([*literals, ~selector])
        return selector

    def answer(self) -> tuple[bool, list[Row], dict[str, Any]]:
        """Whether there may be such a request; if not, rows that rule it out; if so, its facts."""
        self.model.add_assumptions(self.selectors)
        solver = one_worker_solver(seconds=SOLVE_S)
        solver.parameters.linearization_level = 0
        solver.parameters.cp_model_presolve = False
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            core = set(solver.sufficient_assumptions_for_infeasibility())
            pairs = zip(self.others, self.selectors, strict=True)
            return False, [other for other, selector in pairs if selector.index in core], {}
        facts = self._facts(solver) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else {}
        return True, [], facts

    def _facts(self, solver: cp_model.CpSolver) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for name, axis in self.space.axes.items():
            if axis.is_exact:
                cell, kept = self.cells[name]
                value = axis.cells[int(kept[solver.value(cell)])]
            else:
                mine = {text: lit for (fact, text), lit in self.literals.items() if fact == name}
                wanted = {text: bool(solver.value(literal)) for text, literal in mine.items()}
                value = _fitting(axis.cells, axis.holds, wanted)
            if value is not None:
                facts[name] = value
        return facts


def _hiding(
    space: Space, possible: Possible, row: Row, above: Sequence[Row], covering: Row | None
) -> list[Row]:
    """The rows above that together hide a row, as few as could be found; none when it can match."""
    suggested = [covering] if covering else rows_hiding(space, row, above)
    if suggested == []:
        return []
    tried = suggested or above
    open_, kept, _ = _Question(space, possible, row, tried).answer()
    if open_:
        return []
    for other in list(kept) if tried is above else ():
        fewer = [each for each in kept if each is not other]
        open_, core, _ = _Question(space, possible, row, fewer).answer()
        kept = kept if open_ else [each for each in fewer if each in core]
    return kept


def _covers(space: Space, other: Row, row: Row) -> bool:
    """Whether each condition of one row on texts and lists follows from another's on the same fact."""
    if other.expression is not None:
        return False
    for condition in other.conditions:
        own = row.condition_on(condition.fact.name)
        exact = space.axes[condition.fact.name].is_exact
        if not (exact or (own and (own.text == condition.text or _implies(own, condition)))):
            return False
    return True


def _fitting(cells: Sequence[Any], holds: dict[str, Array], wanted: dict[str, bool]) -> Any:
    """The made-up text that comes nearest to what the model wants of it."""
    agree = np.zeros(len(cells), dtype=np.int64)
    for text, wants in wanted.items():
        agree += holds[text] == wants
    return cells[int(np.argmax(agree))]


def _only_missing(condition: Condition) -> bool:
    plain = not condition.values and not condition.words and condition.pattern is None
    return condition.missing and not condition.given and plain


def _implies(one: Condition, other: Condition) -> bool:
    """Whether one condition on a text or list can hold only where the other holds."""
    if one.negated or other.negated or (one.missing and not other.missing):
        return False
    if other.given:
        return True
    if one.words and other.finder is not None:
        return all(other.finder.search(word) is not None for word in _folded_words(one.words))
    same = one.fact.type == other.fact.type
    return bool(same and one.values and other.values and one.values <= other.values)


@lru_cache(maxsize=20_000)
def _folded_words(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(folded(word).strip() for word in words)


def _word_implies(word: str, words: Sequence[str]) -> bool:
    """Whether a text with `word` is sure to hold one of `words`."""
    return finder(words).search(word) is not None
