"""The rulebook: every table and row is shown, and a request can be tried without leaving a mark."""

from __future__ import annotations

import json

import pytest

from dispatch.ground.errors import InputFaults
from web.rulebook.data import read_facts, stages


@pytest.fixture
def trial(small_day):
    """Send facts to the rulebook of a demo without the form's token."""
    from web.app import create_app

    app = create_app(small_day, demo=True)
    app.config["WTF_CSRF_ENABLED"] = False

    def send(stage, facts):
        answer = app.test_client().post("/api/v1/rulebook/try", json={"stage": stage, "facts": facts})
        return answer.status_code, json.loads(answer.data)

    return send


def test_every_table_and_row_of_the_policy_is_shown(client, small_day):
    text = client.get("/rulebook").get_data(as_text=True)
    policy = small_day.case.policy
    assert policy.version in text
    shown = {
        table["name"]: table for stage in stages(small_day.case.policy, "en") for table in stage["tables"]
    }
    for table in policy.every_table():
        assert f'id="{table.name}"' in text
        assert len(shown[table.name]["rows"]) == len(list(table.every_row()))


def test_tables_carry_the_names_of_the_language(small_day):
    english, chinese = stages(small_day.case.policy, "en"), stages(small_day.case.policy, "zh-CN")
    assert english[0]["tables"][0]["title"] != chinese[0]["tables"][0]["title"]


def test_cells_are_read_in_the_language_of_the_screen(client):
    english, chinese = (
        client.get(f"/rulebook?lang={code}").get_data(as_text=True) for code in ("en", "zh-CN")
    )
    assert "医院" in chinese
    assert "一级重要" in chinese
    assert "断线按带电处理，8米外警戒" in chinese
    assert "断线按带电处理" not in english
    assert "Wire down: treat as live, keep people 8 m away" in english


def test_a_reported_wire_is_a_hazard_and_the_trace_says_why(trial):
    status, found = trial("request", {"words": "a wire is lying on the road", "hour": "18", "kind": ""})
    assert status == 200
    assert found["outcome"]["kind"] == "hazard"
    assert found["trace"]["steps"]


def test_all_faults_of_the_facts_are_told_at_once(trial):
    status, found = trial("request", {"hour": "99", "wrods": "x", "kind": "dance"})
    assert status == 400
    assert len(found["error"]["faults"]) == 3
    assert "did you mean 'words'?" in " ".join(found["error"]["faults"])


@pytest.mark.parametrize(
    "body", [None, [], "x", {"stage": "none"}, {"stage": "request", "facts": 3}, {"stage": ["a"]}]
)
def test_malformed_trials_are_refused(small_day, body):
    from web.app import create_app

    app = create_app(small_day, demo=True)
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/api/v1/rulebook/try", json=body).status_code == 400


def test_trying_needs_the_token_of_the_page(client):
    assert client.post("/api/v1/rulebook/try", json={"stage": "request", "facts": {}}).status_code == 400


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "1e999", "three"])
def test_numbers_are_checked(small_day, text):
    with pytest.raises(InputFaults):
        read_facts(small_day.case.policy, "customer", {"voltage_kv": text})


def test_every_stage_takes_every_fact_it_offers(client, small_day, trial):
    samples = {"yes/no": "yes", "text": "x"}
    from web.rulebook.data import facts_to_try

    for stage, fields in facts_to_try(small_day.case.policy, "en").items():
        facts = {}
        for field in fields:
            least = field["low"] if field["low"] is not None else 1
            facts[field["name"]] = (
                field["values"][0] if field["values"] else samples.get(field["type"], str(least))
            )
        status, found = trial(stage, facts)
        assert status == 200, found
