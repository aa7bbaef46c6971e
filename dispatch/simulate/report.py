"""The report of a study: what it found, every setting, seed and version; as HTML, PDF and figures."""

from __future__ import annotations

import hashlib
import html
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import sections
from .answers import Difference, Estimate, bands, difference, hold_together, level, values_of
from .made_of import MadeOf, versions
from .measures import GRID_MIN
from .plots import Band, Ink, Span, Svg, draw_bands, draw_spans, spans_height
from .report_words import ROWS, Row, say
from .scenario import Study

Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]
# How many times as many replications as there are an estimate of what is still needed may name.
FORESEEN = 10
SURE = " *"
NOT_SHOWN = frozenset({"replication", "curve"})
STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; }
td, th { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ccc; }
td:first-child, th:first-child { text-align: left; } small { color: #555; }
pre { background: #f4f4f4; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
@media print { body { margin: 0; } h2 { break-after: avoid; } table, svg { break-inside: avoid; } }
"""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a study found, ready to be shown in a language.

    Parameters
    ----------
    records : by alternative, in the order of the study; each replication is one record.
    made : what the records were made of; None where an older version made them.
    """

    study: Study
    records: Records
    seed: int
    language: str = "en"
    made: MadeOf | None = None

    @property
    def content(self) -> str:
        """Hash of the case that the records were made of."""
        return self.made.case if self.made else ""

    @property
    def title(self) -> str:
        """Name of the scenario."""
        return self.study.alternatives[self.study.base].name

    @property
    def count(self) -> int:
        """Replications of each alternative."""
        return len(next(iter(self.records.values())))

    def words(self, key: str, **values: object) -> str:
        """A sentence in the report's language."""
        return say(self.language, key, **values)

    @property
    def intro(self) -> str:
        """How much was simulated."""
        return self.words("intro", n=self.count, alternatives=len(self.records), seed=self.seed)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Figures that the records hold, those without words of their own under their own name."""
        held = {
            name: None
            for record in next(iter(self.records.values()))[:1]
            for name, value in record.items()
            if name not in NOT_SHOWN and isinstance(value, int | float)
        }
        known = [row for row in ROWS if row.name in held]
        others = [name for name in held if name not in {row.name for row in ROWS}]
        return (*known, *(Row(name, name.replace("_", " "), name.replace("_", " "), 2) for name in others))

    def figures(self) -> list[list[str]]:
        """A table: names of the alternatives, then a row per figure."""
        body = [
            [
                row.label(self.language),
                *(self.interval(level(values_of(r, row.name)), row.digits) for r in self.records.values()),
            ]
            for row in self.rows
        ]
        return [["", *self.records], *body]

    def differences(self) -> list[list[str]]:
        """A table of the alternatives against the base; empty when there is only that."""
        others = [name for name in self.records if name != self.study.base]
        if not others:
            return []
        return [
            ["", *others],
            *([row.label(self.language), *(self.difference(n, row) for n in others)] for row in self.rows),
        ]

    def difference(self, name: str, row: Row) -> str:
        """An alternative less the base, in one figure."""
        found = self._compared[name, row.name]
        text = self.interval(found.estimate, row.digits)
        if math.isfinite(found.share):
            text += f" ({found.share:+.1%})"
        if (name, row.name) in self._sure:
            text += SURE
        return text + self._undecided(found)

    def _undecided(self, found: Difference) -> str:
        """How many more replications would decide; few replications cannot tell of very many."""
        if found.more == 0 or not found.estimate.mean:
            return ""
        most = FORESEEN * found.estimate.count
        if found.more is None or found.more > most:
            return self.words("undecided_long", most=f"{most:,}") if found.estimate.count > 1 else ""
        return self.words("undecided", more=f"{found.more:,}")

    @cached_property
    def _compared(self) -> dict[tuple[str, str], Difference]:
        """Every alternative less the base, in every figure."""
        base = self.records[self.study.base]
        return {
            (name, row.name): difference(base, found, row.name)
            for name, found in self.records.items()
            if name != self.study.base
            for row in self.rows
        }

    @cached_property
    def _sure(self) -> frozenset[tuple[str, str]]:
        """The differences that hold all at once."""
        holds = hold_together([found.chance for found in self._compared.values()])
        return frozenset(key for key, sure in zip(self._compared, holds, strict=True) if sure)

    @property
    def together(self) -> str:
        """What many comparisons at once are worth."""
        count = len(self._compared)
        by_chance = f"{0.05 * count:.1f}" if count < 100 else f"{0.05 * count:.0f}"
        return self.words("together", count=count, chance=by_chance, sure=SURE.strip()) if count else ""

    def interval(self, found: Estimate, digits: int) -> str:
        """A mean with its interval, where there are enough replications for one."""
        return sections.interval(found, digits, self.language)

    @cached_property
    def sections(self) -> list[sections.Section]:
        """Tables by area, of promises, of times told, of how near a replay came."""
        return sections.sections(self.study.alternatives, self.records, self.language)

    def draw_out(self, ink: Ink) -> None:
        """Customers without supply over time."""
        self._draw_over_time(ink, "curve")

    def draw_busy(self, ink: Ink) -> None:
        """Crews on the road or at work over time."""
        self._draw_over_time(ink, "busy")

    @property
    def has_busy(self) -> bool:
        """Whether the records say how many crews were at work."""
        return all("busy" in record for found in self.records.values() for record in found)

    def _draw_over_time(self, ink: Ink, name: str) -> None:
        curves = [Band(name=each, values=bands(found, name)) for each, found in self.records.items()]
        label = self.words("hours_from", start=f"{self.study.start:%Y-%m-%d %H:%M}")
        draw_bands(ink, curves, GRID_MIN / 60, label)

    @property
    def restored_height(self) -> float:
        """Height of the plot of hours to 90 %."""
        return spans_height(len(self.records))

    def draw_restored(self, ink: Ink) -> None:
        """Hours until 90 % are back, by alternative."""
        spans = []
        for name, found in self.records.items():
            each = level(values_of(found, "h_to_90"))
            low, high = (each.mean if math.isnan(v) else v for v in (each.low, each.high))
            spans.append(Span(name=name, low=max(0.0, low), middle=each.mean, high=high))
        draw_spans(ink, spans, self.words("restored"))

    def out_svg(self) -> str:
        """The plot of customers without supply."""
        ink = Svg(self.words("out"))
        self.draw_out(ink)
        return str(ink)

    def busy_svg(self) -> str:
        """The plot of crews at work."""
        ink = Svg(self.words("busy"))
        self.draw_busy(ink)
        return str(ink)

    def restored_svg(self) -> str:
        """The plot of hours to 90 %."""
        ink = Svg(self.words("restored"), self.restored_height)
        self.draw_restored(ink)
        return str(ink)

    @property
    def repeat(self) -> str:
        """The command that repeats the study."""
        return self.words("repeat_note", n=self.count, seed=self.seed, content=self.content or "-")

    def settings(self) -> str:
        """Every setting, seed and version as JSON."""
        said = {
            **(self.made.versions if self.made else versions()),
            "seed": self.seed,
            "replications": self.count,
            "case_sha256": self.content,
            **({"code_sha256": self.made.code, "policies_sha256": self.made.policies} if self.made else {}),
            "alternatives": {n: each.model_dump(mode="json") for n, each in self.study.alternatives.items()},
        }
        return json.dumps(said, indent=2, ensure_ascii=False)

    def settings_in_short(self) -> str:
        """The same for paper: long lists of recorded outages and corners by their length alone."""
        return json.dumps(_shortened(json.loads(self.settings())), indent=1, ensure_ascii=False)


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items() if each not in (None, [], {})}
    if isinstance(value, list):
        if len(value) > 30:
            digest = hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
            return f"{len(value)} entries, SHA-256 {digest}"
        plain = all(isinstance(each, int | float | str) for each in value)
        return ", ".join(map(str, value)) if plain else [_shortened(each) for each in value]
    return value if not isinstance(value, str) or len(value) < 300 else f"{value[:280]} ..."


def summary_text(study: Study, records: Records) -> str:
    """The main figures as lines for the terminal."""
    report = Report(study=study, records=records, seed=0)
    lines = []
    for name, found in records.items():
        minutes = report.interval(level(values_of(found, "customer_minutes")), 0)
        hours = report.interval(level(values_of(found, "h_to_90")), 1)
        lines.append(f"{name}: customer-minutes {minutes}, 90 % restored after {hours} h")
    for name in list(records)[1:]:
        lines.append(f"{name} less {study.base}: {report.difference(name, ROWS[0])}")
    return "\n".join(lines)


def page(report: Report) -> str:
    """The report as HTML; nothing in it depends on when or where it was made."""
    title = html.escape(report.title)
    language = "zh-CN" if report.language == "zh" else "en"
    differences = report.differences()
    together = f"<p><small>{html.escape(report.together)}</small></p>"
    told = together + _table(differences) if differences else f"<p>{html.escape(report.words('one'))}</p>"
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<style>{STYLE}</style></head><body><h1>{title}</h1>
<p>{html.escape(report.intro)}</p>
<h2>{html.escape(report.words("out"))}</h2>
<p><small>{html.escape(report.words("out_note"))}</small></p>
{report.out_svg()}
<h2>{html.escape(report.words("restored"))}</h2>
<p><small>{html.escape(report.words("restored_note"))}</small></p>
{report.restored_svg()}
{_busy(report)}<h2>{html.escape(report.words("differences", base=report.study.base))}</h2>{told}
<h2>{html.escape(report.words("figures"))}</h2>{_table(report.figures())}
{"".join(_section(each) for each in report.sections)}
<h2>{html.escape(report.words("repeat"))}</h2><p>{html.escape(report.repeat)}</p>
<pre>{html.escape(report.settings())}</pre></body></html>
"""


def _busy(report: Report) -> str:
    if not report.has_busy:
        return ""
    return f"""<h2>{html.escape(report.words("busy"))}</h2>
<p><small>{html.escape(report.words("busy_note"))}</small></p>
{report.busy_svg()}
"""


def _section(section: sections.Section) -> str:
    title, note = html.escape(section.title), html.escape(section.note)
    return f"<h2>{title}</h2><p><small>{note}</small></p>{_table(section.rows)}\n"


def _table(rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(each)}</th>" for each in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(each)}</td>" for each in row) + "</tr>" for row in rows[1:]
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def plain(found: Estimate) -> dict[str, float | None]:
    """An estimate for JSON, which has no NaN."""
    return {
        name: value if math.isfinite(value) else None
        for name, value in (("mean", found.mean), ("low", found.low), ("high", found.high))
    }
