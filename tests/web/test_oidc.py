"""Signing in through a provider: a small real one on this machine, with real signatures and PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.app import create_app
from web.entrance.accounts import MemoryAccounts
from web.entrance.oidc import provider_of

jose = pytest.importorskip("joserfc", reason="joserfc is not installed (pip install 'gridcrew[oidc]')")
CLIENT, SECRET = "gridcrew", "s3cret/with+signs"


class House:
    """The provider: who is at its page, what it signs, and what may be wrong with that."""

    def __init__(self) -> None:
        from joserfc.jwk import RSAKey

        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, dict[str, str]] = {}
        self.person: dict[str, Any] = {"preferred_username": "ana", "groups": ["staff", "duty-room"]}
        self.wrong: dict[str, Any] = {}
        self.issuer = ""

    def visit(self, address: str) -> str:
        """What a browser does at the provider's page: the address that it is sent back to."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        given = urllib.parse.urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return f"{urllib.parse.urlsplit(asked['redirect_uri']).path}?{given}"

    def token(self, sent: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self.codes.pop(sent.get("code", ""), None)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if asked is None or [urllib.parse.unquote(each) for each in pair.split(":")] != [CLIENT, SECRET]:
            return None
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return None
        return {"id_token": self.signed(asked["nonce"]), "token_type": "Bearer", "access_token": "x"}

    def signed(self, nonce: str) -> str:
        from joserfc import jwt

        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300, "nonce": nonce}
        key = self.wrong.get("key", self.key)
        told = claims | self.person | {k: v for k, v in self.wrong.items() if k != "key"}
        return jwt.encode({"alg": "RS256", "kid": "1"}, told, key)


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    house = House()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            about = {
                "issuer": house.issuer,
                "authorization_endpoint": f"{house.issuer}/authorize",
                "token_endpoint": f"{house.issuer}/token",
                "jwks_uri": f"{house.issuer}/keys",
            }
            self._say(
                about if "openid-configuration" in self.path else {"keys": [house.key.as_dict(private=False)]}
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = dict(urllib.parse.parse_qsl(body))
            self._say(house.token(sent, self.headers["Authorization"]))

        def _say(self, told: Any) -> None:
            self.send_response(200 if told else 400)
            self.end_headers()
            self.wfile.write(json.dumps(told or {}).encode())

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    house.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield house
    server.shutdown()


@pytest.fixture
def house(served: House) -> House:
    served.wrong, served.person = {}, {"preferred_username": "ana", "groups": ["staff", "duty-room"]}
    return served


@pytest.fixture
def app(small_day: Any, house: House) -> Flask:
    app = create_app(small_day, accounts_book=MemoryAccounts())
    roles = {"control-room": "supervisor", "duty-room": "dispatcher"}
    app.config["OIDC"] = provider_of(
        {"issuer": house.issuer, "client": CLIENT, "secret": SECRET, "roles": roles}
    )
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def come_back(client: FlaskClient, house: House) -> int:
    sent = client.get("/sign-in/oidc")
    return client.get(house.visit(sent.headers["Location"])).status_code


def test_somebody_of_the_house_gets_in_with_the_role_of_her_group(client: FlaskClient, house: House) -> None:
    assert client.get("/").status_code == 302
    assert "/sign-in/oidc" in client.get("/sign-in").text
    assert come_back(client, house) == 302
    page = client.get("/")
    assert page.status_code == 200
    assert "ana (oidc)" in page.text
    assert client.get("/audit").status_code == 403


def test_whoever_has_no_role_here_stays_out(client: FlaskClient, house: House) -> None:
    house.person = {"preferred_username": "eve", "groups": ["staff"]}
    assert come_back(client, house) == 401
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another client"},
        {"azp": "another client"},
        {"exp": 1},
        {"iat": 4_000_000_000},
        {"nonce": "another sign-in"},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_not_believed(
    client: FlaskClient, house: House, wrong: dict[str, Any]
) -> None:
    house.wrong = wrong
    assert come_back(client, house) == 401
    assert client.get("/").status_code == 302


def test_a_token_that_somebody_else_signed_is_not_believed(client: FlaskClient, house: House) -> None:
    from joserfc.jwk import RSAKey

    house.wrong = {"key": RSAKey.generate_key(2048, {"kid": "1"})}
    assert come_back(client, house) == 401


def test_a_changed_key_is_asked_for_again(client: FlaskClient, house: House) -> None:
    from joserfc.jwk import RSAKey

    assert come_back(client, house) == 302
    house.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    assert come_back(client, house) == 302


def test_an_answer_is_good_once_and_in_its_own_browser(app: Flask, client: FlaskClient, house: House) -> None:
    back = house.visit(client.get("/sign-in/oidc").headers["Location"])
    assert app.test_client().get(back).status_code == 401
    assert client.get(back + "x").status_code in (302, 401)
    assert client.get(back).status_code == 401
    assert client.get("/sign-in/oidc/back").status_code == 401


def test_without_settings_there_is_no_such_page(small_day: Any) -> None:
    client = create_app(small_day, accounts_book=MemoryAccounts()).test_client()
    assert client.get("/sign-in/oidc").status_code == 404
    assert "/sign-in/oidc" not in client.get("/sign-in").text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "issuer, client, secret, roles missing"),
        ({"issuer": "x", "client": "x", "secret": "x", "roles": {"a": "king"}}, "no role 'king'"),
        ({"issuer": "x", "client": "x", "secret": "x", "roles": {"a": "crew"}}, "no role 'crew'"),
    ],
)
def test_bad_settings_are_said(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        provider_of(settings)
