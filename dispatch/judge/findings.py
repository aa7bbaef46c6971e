"""What can be found about a job and a crew, worded in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..ground.verdict import Violation

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The same sentence in both languages."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        """The sentence in one language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What holds for one crew: a reason with its amount, and what would have to change.

    `code` is one of `CODES`; `amount` is in seconds, units of stock, missing
    skills, or cost units, as the code says.
    """

    crew: str | None
    code: str
    amount: float
    text: Text
    change: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of the problem.

    Attributes
    ----------
    kind : "skill", "stock", "overtime", "window_later", "window_earlier" or "crews".
    crew : whom it concerns; None where it is the job's window, or how many crews may be used.
    amount : how many skills, units of stock, seconds (whole minutes), or crews more.
    what : the skills, with commas, or the good; else empty.
    """

    kind: str
    crew: str | None
    amount: float
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Changes that together get a job in.

    Attributes
    ----------
    crews : who would do the job.
    changes : what has to change; empty where it is only dearer to serve it than to leave it out.
    price : by how much the plan would cost more with the job; below 0 it would cost less.
    routes : job ids by crew, of the crews whose routes change.
    text : all of it in a sentence.
    """

    crews: tuple[str, ...]
    changes: tuple[Change, ...]
    price: float
    routes: Mapping[str, tuple[str, ...]]
    text: Text

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready data."""
        return {
            "crews": list(self.crews),
            "changes": [
                {"kind": each.kind, "crew": each.crew, "amount": each.amount, "what": each.what}
                for each in self.changes
            ],
            "price": self.price,
            "routes": {crew: list(jobs) for crew, jobs in self.routes.items()},
            "text": _text_to_dict(self.text),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An answer about one job, or about two.

    Attributes
    ----------
    job : id of the job asked about.
    status : "served", "left_out", or "exchange" for the order of two jobs.
    summary : the answer in one sentence.
    findings : what stands behind it: for each crew or rule its code, amount and sentence.
    helps : for a job left out, what would get it in: what changes the least first, then the cheapest.
    """

    job: str
    status: Literal["served", "left_out", "exchange"]
    summary: Text
    findings: tuple[Finding, ...] = ()
    helps: tuple[Help, ...] = ()

    def text(self, language: Language = "en") -> str:
        """The whole answer, a line for each finding."""
        lines = [self.summary.in_(language)]
        for finding in self.findings:
            line = f"- {finding.text.in_(language)}"
            if finding.change is not None:
                line += f" {finding.change.in_(language)}"
            lines.append(line)
        lines += [f"- {each.text.in_(language)}" for each in self.helps]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready data."""
        return {
            "job": self.job,
            "status": self.status,
            "summary": _text_to_dict(self.summary),
            "findings": [
                {
                    "crew": finding.crew,
                    "code": finding.code,
                    "amount": finding.amount,
                    "text": _text_to_dict(finding.text),
                    "change": None if finding.change is None else _text_to_dict(finding.change),
                }
                for finding in self.findings
            ],
            "helps": [each.to_dict() for each in self.helps],
        }


CODES: Mapping[str, str] = {
    "skill": "the crew lacks skills; amount: how many",
    "stock": "the crew cannot carry what the job takes; amount: units short",
    "unreachable": "the drive alone is longer than the shift; amount: seconds too late",
    "shift": "the crew would end too late; amount: seconds past shift and overtime",
    "window": "the crew cannot start inside the job's windows; amount: seconds off",
    "after": "a job it waits for is not served",
    "crews_needed": "too few crews are able; amount: crews short",
    "max_crews": "another crew would have to be used; amount: crews too many",
    "other_rule": "another rule would be broken",
    "cheaper_left_out": "serving it costs more than leaving it out; amount: cost units more",
    "cheaper_served": "serving it would cost less than leaving it out; amount: cost units less",
    "committed": "the job is committed to its crew",
    "costs_more": "this crew could do it; amount: cost units more",
    "costs_less": "this crew would do it for less; amount: cost units less",
    "order": "the cost of the exchange; amount: cost units more",
    "breaks": "the exchange breaks a rule; amount: as in the checker",
}


def lacks_skills(crew: str, missing: Sequence[str]) -> Finding:
    """A crew without the skills of a job.

    Parameters
    ----------
    crew : the crew's id.
    missing : skills that it has not got.

    Returns
    -------
    Finding
        Code and sentence.
    """
    listed = ", ".join(missing)
    return Finding(
        crew=crew,
        code="skill",
        amount=len(missing),
        text=Text(en=f"Crew {crew} lacks the skill {listed}.", zh=f"班组 {crew} 缺少技能：{listed}。"),
        change=Text(en=f"It would need {listed}.", zh=f"需要具备 {listed}。"),
    )


def lacks_stock(crew: str, what: str, short: float) -> Finding:
    """A crew that cannot carry what a job takes, whatever else it does.

    Parameters
    ----------
    crew : the crew's id.
    what : the good.
    short : quantity that is missing.

    Returns
    -------
    Finding
        Code and sentence.
    """
    return Finding(
        crew=crew,
        code="stock",
        amount=short,
        text=Text(
            en=f"Crew {crew} is short of {short:g} {what}.", zh=f"班组 {crew} 的 {what} 缺 {short:g}。"
        ),
        change=Text(en=f"It would have to carry {short:g} more.", zh=f"需多携带 {short:g}。"),
    )


def never_reaches(crew: str, drive_s: float, hours_s: float) -> Finding:
    """A drive that outlasts the shift.

    Parameters
    ----------
    crew : the crew's id.
    drive_s : seconds of the drive.
    hours_s : seconds of the shift.

    Returns
    -------
    Finding
        Code and sentence.
    """
    text = Text(
        en=f"Crew {crew} can never reach it: the drive of {minutes(drive_s)} min outlasts its shift.",
        zh=f"班组 {crew} 无法到达：车程 {minutes(drive_s)} 分钟，超过其班次时长。",
    )
    return Finding(crew=crew, code="unreachable", amount=drive_s - hours_s, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wording:
    """How a broken rule is told: as which code, in which words, and what would have to change."""

    code: str
    text: Text
    change: Text | None = None


# By the checker's code. {alone}: whether it would do nothing else; {short}: the amount; {min}: in minutes.
BROKEN: Mapping[str, _Wording] = {
    "shift": _Wording(
        code="shift",
        text=Text(
            en="Crew {crew} would end {min} min after its shift and overtime, {alone}.",
            zh="班组 {crew}{alone}也将超出班次及加班时限 {min} 分钟。",
        ),
        change=Text(
            en="Its shift or overtime would have to be {min} min longer.",
            zh="需将班次或加班延长 {min} 分钟。",
        ),
    ),
    "window": _Wording(
        code="window",
        text=Text(
            en="Crew {crew} would miss the window of job {job} by {min} min, {alone}.",
            zh="班组 {crew}{alone}将错过任务 {job} 的时间窗 {min} 分钟。",
        ),
        change=Text(
            en="The window would have to stay open {min} min longer.", zh="时间窗需延长 {min} 分钟。"
        ),
    ),
    "capacity": _Wording(
        code="stock",
        text=Text(
            en="Crew {crew} cannot carry enough for it beside its other jobs: {said}.",
            zh="班组 {crew} 连同其他任务所带物资不足，缺 {short}。",
        ),
        change=Text(en="It would have to carry {short} more.", zh="需多携带 {short}。"),
    ),
    "no_road": _Wording(
        code="no_road",
        text=Text(en="No road leads crew {crew} there and back.", zh="班组 {crew} 无路可达（含返程）。"),
    ),
    "max_crews": _Wording(
        code="max_crews",
        text=Text(en="Crew {crew} may not be used beside the others.", zh="班组 {crew} 超出可用班组数。"),
        change=Text(en="One more crew would have to be allowed.", zh="需允许多用一个班组。"),
    ),
}
ANY_OTHER = _Wording(
    code="other_rule",
    text=Text(en="With crew {crew}: {said}.", zh="班组 {crew}：违反规则 {rule}。"),
)
ALONE = Text(en="even if it did nothing else", zh="即使只做此项")
BESIDE = Text(en="with its other jobs", zh="连同其他任务")


def breaks_rule(crew: str, violation: Violation, *, alone: bool) -> Finding:
    """A broken rule as a reason; `alone` where the crew would do nothing else.

    Parameters
    ----------
    crew : the crew's id.
    violation : what the judge found.
    alone : whether the crew would do nothing else.

    Returns
    -------
    Finding
        Code and sentence.
    """
    wording = BROKEN.get(violation.code, ANY_OTHER)
    facts = {
        "crew": crew,
        "job": violation.job,
        "rule": violation.code,
        "said": violation.text,
        "short": f"{violation.amount:g}",
        "min": minutes(violation.amount),
    }
    circumstance = ALONE if alone else BESIDE

    def told(text: Text) -> Text:
        return Text(
            en=text.en.format(**facts, alone=circumstance.en),
            zh=text.zh.format(**facts, alone=circumstance.zh),
        )

    return Finding(
        crew=crew,
        code=wording.code,
        amount=violation.amount,
        text=told(wording.text),
        change=None if wording.change is None else told(wording.change),
    )


def _text_to_dict(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def cost_of(amount: float) -> str:
    """A cost for a sentence: whole where it is large.

    Parameters
    ----------
    amount : a cost.

    Returns
    -------
    str
        With commas; three digits where it is below ten.
    """
    return f"{amount:,.0f}" if abs(amount) >= 10 else f"{amount:.3g}"


def minutes(seconds: float) -> str:
    """Seconds as minutes for a sentence.

    Parameters
    ----------
    seconds : a duration.

    Returns
    -------
    str
        Whole minutes; with one decimal below ten.
    """
    return f"{seconds / 60:,.0f}" if seconds >= 600 else f"{seconds / 60:.1f}"
