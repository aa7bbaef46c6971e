"""What callers say is heard in four languages: danger before all, doubt to a person."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from rules import Heard, PolicyError, load_policy, policy_from_text
from rules.language.lexicon import Lexicon, languages_shipped, lexicon_of, shipped_lexicon

HERE = Path(__file__).parent
MAY = {"billing_enquiry": {"enquiry"}, "other": {"enquiry", "street_light", "inspection"}}
LANGUAGES = ("zh", "en", "es", "pt")


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return shipped_lexicon()


def calls(language: str | None = None, file: str = "calls.csv") -> list[Mapping[str, str]]:
    """Sentences not used to write the lexicon; those of the other files widened it later."""
    with (HERE / "heard" / file).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if language is None or row["language"] == language]


def right(row: Mapping[str, str], kind: str) -> bool:
    also = {each.removeprefix("accept=") for each in row["note"].split() if each.startswith("accept=")}
    return kind in MAY.get(row["kind"], {row["kind"]}) | also


def figures(lexicon: Lexicon, rows: Iterable[Mapping[str, str]]) -> tuple[float, float, float]:
    """Recall and precision of danger, and the share of kinds that are right."""
    heard = [(row, lexicon.hear(row["text"]).kind) for row in rows]
    clear = [
        (row["kind"] == "hazard", kind == "hazard") for row, kind in heard if "=hazard" not in row["note"]
    ]
    both = sum(meant and found for meant, found in clear)
    recall = both / sum(meant for meant, _ in clear)
    precision = both / sum(found for _, found in clear)
    return recall, precision, sum(right(row, kind) for row, kind in heard) / len(heard)


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_is_heard_in_every_language(lexicon: Lexicon, language: str) -> None:
    recall, precision, kinds = figures(lexicon, calls(language))
    assert recall >= 0.93
    assert precision >= 0.85
    assert kinds >= 0.85


def test_hardly_any_danger_is_missed(lexicon: Lexicon) -> None:
    recall, precision, kinds = figures(lexicon, calls())
    assert (recall >= 0.98, precision >= 0.85, kinds >= 0.85) == (True, True, True)


def test_odd_ways_to_tell_of_danger_are_heard(lexicon: Lexicon) -> None:
    recall, precision, kinds = figures(lexicon, calls(file="odd.csv"))
    assert (recall >= 0.98, precision >= 0.9, kinds >= 0.9) == (True, True, True)


def test_plain_ways_that_came_later_are_heard_too(lexicon: Lexicon) -> None:
    recall, precision, kinds = figures(lexicon, calls(file="later.csv"))
    assert (recall >= 0.98, precision >= 0.9, kinds >= 0.9) == (True, True, True)


def test_sentences_that_nobody_had_thought_of_are_heard(lexicon: Lexicon) -> None:
    recall, precision, kinds = figures(lexicon, calls(file="fresh.csv"))
    assert (recall >= 0.98, precision >= 0.9, kinds >= 0.95) == (True, True, True)


@pytest.mark.parametrize(
    "words",
    [
        "hay un cable colgando desde la semana pasada",
        "o fio está pendurado desde o ano passado",
        "the wire has been hanging since it was fixed last year",
        "电杆去年就歪了，一直没人管",
        "there's already been a fire at the substation",
        "the pole caught fire, we put the fire out ourselves",
        "电表箱着火我们自己扑灭了，线都烧光了",
        "apagaron el fuego del poste",
        "apagaram o fogo do poste",
        "已经断电处理了，线还在地上",
    ],
)
def test_a_danger_that_began_long_ago_or_was_put_out_is_still_one(lexicon: Lexicon, words: str) -> None:
    assert lexicon.hear(words).kind == "hazard"


@pytest.mark.parametrize(
    "words",
    [
        "电来了五分钟又没了",
        "the power came back for five minutes and went off again",
        "volvió la luz cinco minutos y se fue otra vez",
        "a luz voltou e caiu de novo",
    ],
)
def test_supply_that_came_and_went_again_is_an_outage(lexicon: Lexicon, words: str) -> None:
    assert lexicon.hear(words).kind == "outage"


def test_words_on_either_side_of_a_comma_are_no_phrase(lexicon: Lexicon) -> None:
    assert lexicon.hear("村里又断电，打井的水泵都停了").kind == "outage"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_set_is_large_enough_to_judge_by(language: str) -> None:
    assert len(calls(language)) >= 60


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("no wire is down, just no power", "outage"),
        ("没有人触电，只是停电", "outage"),
        ("no hay cables caídos ni chispas, solo no hay luz", "outage"),
        ("não tem fogo nem fumaça, só faltou luz", "outage"),
        ("the street lamp outside is broken", "street_light"),
        ("the fallen wire was already repaired yesterday, thanks", "enquiry"),
    ],
)
def test_what_is_denied_or_over_does_not_count(lexicon: Lexicon, words: str, kind: str) -> None:
    assert lexicon.hear(words).kind == kind


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＮＯ　ＰＯＷＥＲ", "no power"),
        ("電線掉在路上", "电线掉在路上"),
        ("CABLE CAÍDO", "cable caido"),
        ("smoek from the transfomer", "smoke from the transformer"),
        ("廷电了", "停电了"),
    ],
)
def test_other_ways_to_write_it_are_heard_alike(lexicon: Lexicon, written: str, plain: str) -> None:
    assert lexicon.hear(written).kind == lexicon.hear(plain).kind
    assert lexicon.hear(written).words


def test_the_words_that_spoke_are_named(lexicon: Lexicon) -> None:
    heard = lexicon.hear("no light, and a cable is lying on the road")
    assert {each.meaning for each in heard.words} >= {"out", "wire", "fallen"}
    assert (heard.kind, heard.language, heard.undecided) == ("hazard", "en", False)
    assert heard.hazard > 0.9


@pytest.mark.parametrize("words", ["", "xqzt brfl", "asdf 1234", "Guten Appetit", "  ", "\u200b", "😀😀"])
def test_nothing_understood_is_undecided_between_the_two_likeliest(lexicon: Lexicon, words: str) -> None:
    heard = lexicon.hear(words)
    assert heard.undecided
    assert {heard.kind, heard.second} == {"enquiry", "outage"}


@pytest.mark.parametrize(
    ("words", "extent"),
    [
        ("no light, only my flat", "one"),
        ("no power in the whole street", "many"),
        ("就我家没电，邻居有电", "one"),
        ("整条街都停电了", "many"),
        ("solo mi casa no tiene luz", "one"),
        ("faltou luz na rua inteira", "many"),
        ("no power", None),
    ],
)
def test_how_far_it_reaches_is_heard(lexicon: Lexicon, words: str, extent: str | None) -> None:
    assert lexicon.hear(words).extent == extent


def test_very_long_words_are_heard_in_bounded_time(lexicon: Lexicon) -> None:
    heard: Heard = lexicon.hear("wire down " * 50_000)
    assert heard.kind == "hazard"


def test_a_language_is_added_by_a_file(tmp_path: Path) -> None:
    dutch = """
language: nl
common: [de, het, is, er, op, in]
not: [geen, niet]
means:
  out: [geen stroom, stroom weg]
  wire: [kabel, draad]
  fallen: [op straat, gevallen]
"""
    (tmp_path / "nl.yaml").write_text(dutch, encoding="utf-8")
    text = load_policy("cn").text.replace("calendar: cn\n", "calendar: cn\nlexicon: {nl: nl.yaml}\n")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    policy = load_policy(tmp_path / "own.yaml")
    assert policy.decide("request", {"words": "er is geen stroom"}).outcome["kind"] == "outage"
    assert policy.decide("request", {"words": "er ligt een kabel op straat"}).outcome["kind"] == "hazard"
    again = policy_from_text(policy.text)
    assert again.version == policy.version, "the text alone holds the language too"


def test_a_utility_adds_and_removes_phrases_and_weights() -> None:
    own = lexicon_of(
        {
            "en": {"means": {"wire": ["zipline"]}, "without": {"dark": ["candle*"]}},
            "meanings": {"says": {"candles": {"enquiry": 3.0}}},
        }
    )
    assert own.hear("zipline fallen on the road").kind == "hazard"
    assert not own.hear("candles").words
    assert shipped_lexicon().hear("candles").words


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{en: {means: {wyre: [x]}}}", "unknown meaning 'wyre'"),
        ("{en: {meens: {}}}", "unknown key 'meens'"),
        ("{nl: missing.yaml}", "there is no file 'missing.yaml' here"),
        ("{nl: ../../etc/passwd}", "there is no file"),
        ("{meanings: {says: {wire: {hasard: 3}}}}", "unknown kind 'hasard'"),
        ("{meanings: {hazard_from: 3}}", "must be a chance between 0 and 1"),
        ("[en]", "must be a mapping of languages"),
    ],
)
def test_faults_of_a_lexicon_are_told_with_their_place(tmp_path: Path, written: str, told: str) -> None:
    text = load_policy("cn").text.replace("calendar: cn\n", f"calendar: cn\nlexicon: {written}\n")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"own\.yaml") as caught:
        load_policy(tmp_path / "own.yaml")
    assert told in str(caught.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_has_many_wordings_in_every_language(lexicon: Lexicon, language: str) -> None:
    means = next(each.means for each in lexicon.languages if each.code == language)
    dangerous = (
        "spark",
        "fire",
        "smoke",
        "burnt_smell",
        "shock",
        "exposed",
        "fallen",
        "hanging",
        "leaning",
        "hurt",
        "bang",
    )
    assert sum(len(means[each]) for each in dangerous) >= 150


def test_every_meaning_of_a_language_has_a_weight_or_hides_another(lexicon: Lexicon) -> None:
    shared = lexicon.meanings
    together = {each for rule in shared.together for of in (*rule.of, rule.unless) for each in of}
    for language in lexicon.languages:
        for meaning in language.means:
            assert meaning in {*shared.says, *together, *shared.covers, *shared.keeps}, (
                language.code,
                meaning,
            )
    assert set(languages_shipped()) >= set(LANGUAGES)


def test_a_call_in_columns_is_heard_as_a_call_alone() -> None:
    policy = load_policy("cn")
    words = [row["text"] for row in calls()] + ["", "xqzt"]
    kinds = policy.decide_many("request", {"words": words})["kind"]
    assert list(kinds) == [policy.decide("request", {"words": each}).outcome["kind"] for each in words]
