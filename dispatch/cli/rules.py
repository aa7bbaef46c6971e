"""`gridcrew rules`: the rules' own commands, and what a change of policy does to a day's plan."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from rules import Policy
from rules import cli as rules_cli
from rules.language.words_zh import word_zh

from ..intake import load_case
from ..rulebook.effects import PlanEffect, plan_effect

WORDS: Mapping[str, Mapping[str, str | tuple[str, ...]]] = {
    "en": {
        "head": ("the day planned", "before", "after", "change"),
        "customer_minutes": "customer-minutes",
        "promises_kept": "promises kept",
        "promises_missed": "promises missed",
        "jobs_left_out": "jobs left out",
        "grades": ("grade", "mean minutes", "after", "kept", "after"),
    },
    "zh": {
        "head": ("当日计划", "原策略", "新策略", "变化"),
        "customer_minutes": "停电时户数（户·分）",
        "promises_kept": "兑现承诺",
        "promises_missed": "未兑现承诺",
        "jobs_left_out": "未派工作",
        "grades": ("用户等级", "平均分钟", "新策略", "承诺兑现", "新策略"),
    },
}
WIDTHS = (28, 14, 14, 14, 14)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    rules_cli.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run; `diff --case DIR` plans that day under both policies."""
    folder: Path | None = getattr(args, "case", None)
    if folder is None:
        return rules_cli.run(args)

    def effect(old: Policy, new: Policy, language: str) -> str:
        return effect_text(plan_effect(load_case(folder), old, new), language)

    return rules_cli.run(args, plan_effect=effect)


def effect_text(effect: PlanEffect, language: str = "en") -> str:
    """What a policy does to the plan of a day, beside another, for a terminal."""
    words = WORDS[language]
    lines = ["", _line(words["head"])]
    for name, (old, new) in effect.figures.items():
        lines.append(_line((str(words[name]), f"{old:,.0f}", f"{new:,.0f}", f"{new - old:+,.0f}")))
    lines += ["", _line(words["grades"])]
    for each in effect.grades:
        grade = word_zh(each.grade) if language == "zh" else each.grade
        minutes, kept = map(_figure, each.mean_min), map(_share, each.kept)
        lines.append(_line((grade, *minutes, *kept)))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    """Cells under one another; a Chinese sign takes two places."""
    padded = []
    for at, (cell, width) in enumerate(zip(cells, WIDTHS, strict=False)):
        gap = " " * max(1, width - sum(1 + (sign > "⺀") for sign in cell))
        padded.append(cell + gap if at == 0 else gap + cell)
    return "".join(padded).rstrip()


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}"


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1%}"
