"""What callers said, with what the lexicon understands of it in the reader's own language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules import Lexicon

MOST_SAID = 4
MOST_MEANT = 6
# Meanings whose name in the lexicon is no plain English by itself.
ENGLISH = {
    "out": "no supply",
    "again_out": "off again",
    "back": "supply is back",
    "back_not": "supply is not back",
    "trip": "breaker trips",
    "everywhere": "everybody is out",
    "only_here": "only here",
    "neighbours_on": "neighbours have supply",
    "neighbours_off": "neighbours are out too",
    "stopped": "machines have stopped",
    "hit": "was hit",
    "dug": "dug up",
    "wet": "in water",
    "thing_on": "something on the line",
    "voltage_bad": "voltage is wrong",
    "when_back": "asks when it is back",
    "fallen": "down or torn",
    "hanging": "hangs low",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that was said.

    Parameters
    ----------
    words : as they were said.
    language : the lexicon that understood them; None where none did.
    en, zh : what they mean, in short; empty where nothing was understood.
    """

    words: str
    language: str | None = None
    en: str = ""
    zh: str = ""

    def meant(self, language: str) -> str:
        """What it means to a reader of a language; empty where it is in that language already."""
        own = "zh" if language.startswith("zh") else "en"
        if self.language in (None, own):
            return ""
        return self.zh if own == "zh" else self.en


def what_was_said(words: Sequence[str], lexicon: Lexicon) -> tuple[Said, ...]:
    """The first few of what callers said, each once."""
    return tuple(_said(each, lexicon) for each in list(dict.fromkeys(words))[:MOST_SAID])


def _said(words: str, lexicon: Lexicon) -> Said:
    heard = lexicon.hear(words)
    meant = list(dict.fromkeys(each.meaning for each in heard.words))[:MOST_MEANT]
    if heard.language is None or not meant:
        return Said(words=words)
    names = lexicon.meanings.names_zh
    return Said(
        words=words,
        language=heard.language,
        en=", ".join(ENGLISH.get(each, each.replace("_", " ")) for each in meant),
        zh="、".join(names[each] for each in meant if each in names),
    )
