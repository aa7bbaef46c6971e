"""Both languages are complete, and no words stand outside the catalogue."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import web
from web.words.language import LANGUAGES, catalogue, say, word

ROOT = Path(web.__file__).parent
PLACE = re.compile(r"{(\w+)}")
CODED = (
    "belief_name",
    "class",
    "watch_kind",
    "watch_what",
    "weather",
    "security",
    "job_kind",
    "request_kind",
    "grade",
    "skill",
    "stock",
    "action",
    "channel",
    "part",
    "fault_kind",
    "device_kind",
    "element",
    "ticket_form",
    "ticket_state",
    "ticket_do",
    "ticket_act",
    "ticket_breach",
    "standing_value",
    "weekday",
    "term",
    "cause",
    "role",
    "source",
    "event",
    "area",
    "actor",
    "scenario_name",
    "journal_state",
    "journal_kind",
    "said",
    "journal_way",
    "wish",
    "noted",
    "violation",
    "complaint_category",
    "complaint_cause",
    "complaint_upheld",
    "complaint_word",
    "matter_did",
    "connection_kind",
    "connection_step",
    "talk_answer",
    "talk_way",
    "talk_letter",
    "talk_sent",
    "matter_said",
    "field",
)
SCRIPTS = sorted(path for path in (ROOT / "static").rglob("*.js") if "vendor" not in path.parts)
TEMPLATES = sorted((ROOT / "templates").glob("*.html"))
MODULES = sorted(ROOT.rglob("*.py"))


def test_languages_hold_the_same_messages():
    keys = {code: set(catalogue(code)) for code in LANGUAGES}
    assert keys["en"] == keys["zh-CN"]


def test_messages_have_the_same_places_and_are_not_empty():
    for key, message in catalogue("en").items():
        other = catalogue("zh-CN")[key]
        assert message.strip(), key
        assert other.strip(), key
        assert set(PLACE.findall(message)) == set(PLACE.findall(other)), key


def test_chinese_messages_are_chinese():
    same = {key for key, text in catalogue("zh-CN").items() if text == catalogue("en")[key]}
    assert same <= {"app.name", "trace.sets"}


def test_catalogue_has_no_key_twice():
    for code in LANGUAGES:
        pairs = json.loads((ROOT / "i18n" / f"{code}.json").read_text(), object_pairs_hook=list)
        assert len(pairs) == len(dict(pairs))


def used_keys() -> set[str]:
    found: set[str] = set()
    for path in (*SCRIPTS, *TEMPLATES, *MODULES):
        found |= set(
            re.findall(r"""\b(?:t|translate|say)\(\s*(?:language, )?['"]([\w.\-]+)['"]""", path.read_text())
        )
    return found


def test_every_key_that_is_used_exists():
    whole = {key for key in used_keys() if not key.endswith(".")}
    assert whole - set(catalogue("en")) == set()


def test_every_message_is_used():
    text = "\n".join(path.read_text() for path in (*SCRIPTS, *TEMPLATES, *MODULES))
    built = set(re.findall(r"""['"`](\w+\.(?:\w+\.)?)(?:['"]|\$?\{)""", text))
    unused = [
        key
        for key in catalogue("en")
        if f'"{key}"' not in text
        and f"'{key}'" not in text
        and not any(key.startswith(prefix) for prefix in built)
        and key.split(".")[0] not in (*CODED, "promise")
        and not (key.startswith("keys.") and f"'{key[5:]}'" in text)
    ]
    assert unused == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path):
    text = re.sub(r"{[{%#].*?[}%#]}", " ", path.read_text(), flags=re.S)
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.S)
    shown = re.findall(r">([^<]*)<", text)
    shown += re.findall(r"""\b(?:aria-label|title|placeholder|alt)="([^"]*)\"""", text)
    words = [word for part in shown for word in re.findall(r"[A-Za-z一-鿿]{2,}", part)]
    assert words == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_hold_no_words_of_their_own(path):
    text = re.sub(r"//.*|/\*.*?\*/", "", path.read_text())
    sentences = re.findall(r"""["'>]([A-Z][a-z]+ [a-z]+[^"'<]*)["'<]""", text)
    assert sentences == []
    assert not re.search(r"[一-鿿]", text)


def test_one_and_many_are_told_apart():
    assert say("en", "list.count", n=1) == "1 job"
    assert say("en", "list.count", n=3) == "3 jobs"
    assert say("zh-CN", "list.count", n=3) == "3 项"


def test_unknown_code_is_shown_as_it_is():
    assert word("en", "skill", "diving") == "diving"


def test_language_follows_wish_then_cookie_then_browser(client):
    assert b'<html lang="en"' in client.get("/").data
    assert b'<html lang="zh-CN"' in client.get("/", headers={"Accept-Language": "zh-TW,zh;q=0.9"}).data
    answer = client.get("/?lang=zh-CN")
    assert b'<html lang="zh-CN"' in answer.data
    assert "调度台".encode() in client.get("/").data
    assert b'<html lang="en"' in client.get("/?lang=en").data
    assert b'<html lang="en"' in client.get("/?lang=xx").data


def test_every_part_of_the_cost_and_every_fact_word_has_a_name(small_day):
    from dispatch.judge.check import PARTS

    keys = set(catalogue("en"))
    assert {f"part.{name}" for name in PARTS} <= keys
    facts = small_day.case.policy.facts
    for fact, group in (("kind", "request_kind"), ("grade", "grade")):
        assert {f"{group}.{value}" for value in facts[fact].values} <= keys
    used = {skill for card in small_day.cards.values() for skill in card.skills}
    assert {f"skill.{skill}" for skill in used} <= keys
