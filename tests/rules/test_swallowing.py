"""No phrase of one meaning swallows danger or an outage that is told of beside it or inside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rules.language.lexicon import Lexicon, shipped_lexicon
from rules.language.lexicon.folding import folded, simplified, units
from rules.language.lexicon.hearing import Language

LANGUAGES = ("zh", "en", "es", "pt", "de")
GRAVE = ("shock", "spark", "fire", "smoke", "burnt_smell", "gas")
# What explains a word of danger away: a fire engine is no fire, nor is one that is out or was last year.
EXPLAINS = {
    *("fire_things", "smoke_things", "shock_things", "live_things", "danger_asked", "fixed"),
    *("fire_out", "earlier"),
}
# Chinese characters that only look like a word of danger where two words meet, and a ballast for fuses.
ONLY_LOOKS_SO = {
    "打过电话",
    "拉电到",
    "停电到",
    "断电到",
    "没电到",
    "漏电跳闸",
    "没来过电",
    "就没来过电",
    "一直没来过电",
    "saltan los tapones",
    "no tiene corriente",
}
OFF_SUPPLY_TOO = (
    "everywhere",
    "neighbours_off",
    "neighbours_on",
    "only_here",
    "dark",
    "stopped",
    "life_support",
)
STRIDE = 7


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return shipped_lexicon()


def language(lexicon: Lexicon, code: str) -> Language:
    return next(each for each in lexicon.languages if each.code == code)


def spoken(phrase: str) -> str:
    return " ".join(phrase.replace("..", " ").replace("*", "").split())


def phrases(of: Language, *meanings: str) -> list[str]:
    return [spoken(each) for meaning in meanings for each in of.means.get(meaning, ())]


def together(of: Language, first: str, second: str) -> tuple[str, ...]:
    """Two phrases one after the other, with and without a stop between."""
    join, stop = ("", "，") if of.code == "zh" else (" ", ", ")
    return (first + join + second, second + join + first, first + stop + second)


def swallowed(lexicon: Lexicon, of: Language, inner: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Phrases of covering meanings with the meanings that they hide inside themselves."""
    for meaning, listed in of.means.items():
        hides = lexicon.meanings.hides.get(meaning, frozenset())
        for phrase in map(spoken, listed):
            cut = units(simplified(folded(phrase), of.characters, of.same))
            for match in of.phrases.find(cut):
                shorter = match.end - match.start < len(cut.words)
                hidden = meaning in lexicon.meanings.covers or match.meaning in hides
                if shorter and hidden and match.meaning in inner and match.meaning != meaning:
                    yield meaning, phrase


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_phrase_hides_danger_but_those_that_explain_it_away(lexicon: Lexicon, code: str) -> None:
    found = set(swallowed(lexicon, language(lexicon, code), GRAVE))
    assert not {each for meaning, each in found if meaning not in EXPLAINS} - ONLY_LOOKS_SO


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_of_danger_is_danger_by_itself(lexicon: Lexicon, code: str) -> None:
    of = language(lexicon, code)
    assert [each for each in phrases(of, *GRAVE) if lexicon.hear(each).kind != "hazard"] in (
        [],
        ["brown marks"],
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_danger_survives_whatever_else_is_said(lexicon: Lexicon, code: str) -> None:
    of = language(lexicon, code)
    over = set(phrases(of, *EXPLAINS))
    others = [
        each
        for meaning in of.means
        if meaning not in EXPLAINS and meaning not in GRAVE and meaning != "plain"
        for each in phrases(of, meaning)
        if each not in over
    ]
    grave = [each for each in phrases(of, *GRAVE) if each not in over and each != "brown marks"]
    said = [
        text
        for at, other in enumerate(others)
        if at % STRIDE == len(code) % STRIDE
        for text in together(of, other, grave[at % len(grave)])
    ]
    assert [each for each in said if lexicon.hear(each).kind != "hazard"] == []
    assert len(said) > 50


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_way_to_say_that_power_is_out_is_an_outage_at_once(lexicon: Lexicon, code: str) -> None:
    heard = {each: lexicon.hear(each) for each in phrases(language(lexicon, code), "out")}
    assert [each for each, what in heard.items() if what.kind != "outage" or what.undecided] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_outage_survives_what_is_said_of_its_extent(lexicon: Lexicon, code: str) -> None:
    of = language(lexicon, code)
    out = phrases(of, "out")
    said = [
        text
        for at, other in enumerate(phrases(of, *OFF_SUPPLY_TOO))
        for text in together(of, other, out[(at * STRIDE) % len(out)])[:2]
    ]
    assert [each for each in said if lexicon.hear(each).kind not in ("outage", "hazard")] == []


@pytest.mark.parametrize(
    "words",
    [
        "power is back, but a wire is sparking",
        "planned outage tomorrow, but smoke comes out of the box now",
        "the voltage is low and the transformer is on fire",
        "the sparking wire was fixed yesterday but it sparks again",
        "an electric fire in the cabinet",
        "transformer went pop and now nothing",
        "他刚才电到了",
        "昨天修好了，现在又冒火",
        "家里没人电线着火了",
        "水龙头还打人",
        "烧了我家的表",
        "volvió la luz pero el poste echa chispas",
        "nadie en casa sale humo del medidor",
        "a luz voltou mas o poste está pegando fogo",
        "Strom ist wieder da, aber der Trafo brennt",
    ],
)
def test_danger_beside_other_news_is_danger(lexicon: Lexicon, words: str) -> None:
    assert lexicon.hear(words).kind == "hazard"
    assert not lexicon.hear(words).undecided


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("the fire is out now", "enquiry"),
        ("the sparking wire was repaired yesterday, thanks", "enquiry"),
        ("everything died at once", "outage"),
        ("no tiene corriente la mitad de la casa", "outage"),
        ("电压偏高烧了我两台电视", "power_quality"),
        ("漏电跳闸了，合不上", "outage"),
        ("we havent got power", "outage"),
        ("没有电", "outage"),
        ("整个厂没水没电", "outage"),
    ],
)
def test_what_only_sounds_dangerous_is_not(lexicon: Lexicon, words: str, kind: str) -> None:
    assert lexicon.hear(words).kind == kind
