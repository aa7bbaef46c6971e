"""Signing in with an account of the house: OpenID Connect, code flow with PKCE; off unless it is set up.

References
----------
OpenID Connect Core 1.0, sections 3.1 and 3.1.3.7 (what of an ID token is checked); RFC 7636 (PKCE, S256);
RFC 9700 (OAuth 2.0 security best current practice).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import json
import logging
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from . import sessions
from .access import Identity, allow_everyone

TIMEOUT_S = 10
MOST_ANSWER_B = 1_000_000
# A person may take a while at the provider's page; a code is good for a few minutes anyway.
MOST_WAIT_S = 600
MOST_SESSION_S = 8 * 3600
LEEWAY_S = 60
ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA", "Ed25519")
PERSONS = frozenset({"dispatcher", "supervisor", "planner", "viewer", "administrator"})

oidc = Blueprint("oidc", __name__)
log = logging.getLogger("gridcrew.oidc")


class Untrusted(Exception):
    """The provider, or somebody in its name, answered what must not be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who says who somebody is.

    Parameters
    ----------
    issuer : its address; `ISSUER/.well-known/openid-configuration` tells the rest.
    client, secret : what it knows us as.
    claim : of the ID token, where groups or roles stand.
    roles : our role by a value of that claim; whoever has none of them does not get in.
    name_claim : of the ID token, the name under which the journal knows somebody.
    """

    issuer: str
    client: str
    secret: str
    roles: Mapping[str, str]
    claim: str = "groups"
    name_claim: str = "preferred_username"
    _met: dict[str, Any] = field(default_factory=dict, compare=False)

    def met(self, what: str) -> Any:
        """The provider's own description (`about`) or its keys (`keys`), asked for once."""
        if "about" not in self._met:
            about = _fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if about.get("issuer") != self.issuer:
                raise Untrusted("the provider calls itself by another name")
            self._met["about"] = about
        if what == "keys" and "keys" not in self._met:
            self._met["keys"] = _fetch(self._met["about"]["jwks_uri"])
        return self._met[what]

    def forget_keys(self) -> None:
        """Ask for the keys again: providers change them."""
        self._met.pop("keys", None)


def provider_of(settings: Mapping[str, Any]) -> Provider:
    """Read the settings (issuer, client, secret, claim, name_claim, roles: {value: role}).

    Raises
    ------
    ValueError
        One is missing, a role is unknown or not a person's, or joserfc is not installed.
    """
    missing = [name for name in ("issuer", "client", "secret", "roles") if not settings.get(name)]
    if missing:
        raise ValueError(f"oidc: {', '.join(missing)} missing")
    unknown = sorted(set(settings["roles"].values()) - PERSONS)
    if unknown:
        raise ValueError(f"oidc: no role '{unknown[0]}'; expected one of {', '.join(sorted(PERSONS))}")
    if importlib.util.find_spec("joserfc") is None:
        raise ValueError("oidc: joserfc is not installed (pip install 'gridcrew[oidc]')")
    names = ("issuer", "client", "secret", "roles", "claim", "name_claim")
    return Provider(**{name: settings[name] for name in names if settings.get(name)})


@oidc.get("/sign-in/oidc")
@allow_everyone
def begin() -> Response:
    """Send somebody to the provider, with what ties its answer to this browser."""
    provider = _provider()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    session["oidc"] = {"state": state, "nonce": nonce, "verifier": verifier, "at": time.time()}
    asked = {
        "response_type": "code",
        "client_id": provider.client,
        "redirect_uri": url_for("oidc.back", _external=True),
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    try:
        endpoint = provider.met("about")["authorization_endpoint"]
    except (Untrusted, OSError, ValueError, KeyError) as error:
        return _failed(error)
    return redirect(f"{endpoint}?{urllib.parse.urlencode(asked)}")


@oidc.get("/sign-in/oidc/back")
@allow_everyone
def back() -> Response:
    """Take the provider's answer, once, and sign in whoever it names."""
    provider, begun = _provider(), session.pop("oidc", None)
    try:
        claims = _claims(provider, begun, request.args)
        who = identity_of(provider, claims)
    except (Untrusted, OSError, ValueError, KeyError) as error:
        return _failed(error)
    session.clear()
    # The provider may close an account at any time: after some hours it is asked again.
    until = time.time() + MOST_SESSION_S
    session["oidc_identity"] = {"name": who.name, "role": next(iter(who.roles)), "until": until}
    book, now_s = current_app.config["ACCOUNTS"], current_app.config["CLOCK"]()
    session["mark"] = book.begin_session(who.name, now_s, request.remote_addr or "")
    sessions.begin(now_s)
    book.log("signed_in", who.name, now_s, request.remote_addr or "", "oidc")
    return redirect(url_for("board.page"))


def identity_of(provider: Provider, claims: Mapping[str, Any]) -> Identity:
    """Who a checked ID token names, and in which role.

    Raises
    ------
    Untrusted
        No value of the claim leads to a role, or there is no name.
    """
    told = claims.get(provider.claim)
    values = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    role = next((provider.roles[value] for value in provider.roles if value in values), None)
    name = claims.get(provider.name_claim) or claims.get("sub")
    if role is None or not isinstance(name, str) or not name:
        raise Untrusted("no role is set up for this account")
    # Apart from own accounts: nobody becomes 'administrator' by being called so elsewhere.
    return Identity(name=f"{name} (oidc)"[:120], roles=frozenset({role}))


def signed_in() -> Identity | None:
    """Whoever signed in through the provider in this session."""
    found = session.get("oidc_identity")
    if current_app.config.get("OIDC") is None or not isinstance(found, dict):
        return None
    if found.get("role") not in PERSONS or found.get("until", 0) < time.time():
        return None
    return Identity(name=str(found["name"]), roles=frozenset({str(found["role"])}))


def _claims(provider: Provider, begun: Any, given: Mapping[str, str]) -> Mapping[str, Any]:
    if not isinstance(begun, dict) or time.time() - begun["at"] > MOST_WAIT_S:
        raise Untrusted("no sign-in was begun here, or too long ago")
    if not hmac.compare_digest(given.get("state", "").encode(), begun["state"].encode()):
        raise Untrusted("the answer belongs to another sign-in")
    # RFC 9207: a provider that names itself in its answer must be the one that was asked.
    if given.get("iss", provider.issuer) != provider.issuer:
        raise Untrusted("another provider answered")
    if not given.get("code"):
        raise Untrusted(f"the provider said {given.get('error', 'nothing')[:80]}")
    sent = {
        "grant_type": "authorization_code",
        "code": given["code"],
        "redirect_uri": url_for("oidc.back", _external=True),
        "code_verifier": begun["verifier"],
    }
    told = _fetch(provider.met("about")["token_endpoint"], sent, (provider.client, provider.secret))
    return check_token(provider, str(told["id_token"]), begun["nonce"], time.time())


def check_token(provider: Provider, token: str, nonce: str, now_s: float) -> Mapping[str, Any]:
    """Return an ID token's claims once its signature and everything it says of itself is right.

    Raises
    ------
    Untrusted
        It is not the provider's, not for us, not of this sign-in, or out of date.
    """
    claims = _signed_claims(provider, token)
    audience = claims.get("aud")
    for_us = audience == provider.client or (isinstance(audience, list) and provider.client in audience)
    wrong = [
        name
        for name, right in {
            "iss": claims.get("iss") == provider.issuer,
            "aud": for_us,
            "azp": claims.get("azp", provider.client) == provider.client,
            "exp": isinstance(claims.get("exp"), int | float) and claims["exp"] > now_s - LEEWAY_S,
            "iat": isinstance(claims.get("iat"), int | float) and claims["iat"] < now_s + LEEWAY_S,
            "nonce": hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()),
        }.items()
        if not right
    ]
    if wrong:
        raise Untrusted(f"the ID token is not to be believed: {', '.join(wrong)}")
    return claims


def _signed_claims(provider: Provider, token: str) -> Mapping[str, Any]:
    # Installed only where it is wanted.
    from joserfc import jwt  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    for attempt in range(2):
        try:
            keys = KeySet.import_key_set(provider.met("keys"))
            claims: Mapping[str, Any] = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            return claims
        except (JoseError, ValueError) as error:
            if attempt:
                raise Untrusted(f"the ID token's signature: {error}") from error
            provider.forget_keys()
    raise AssertionError("two attempts either answer or raise")


def _fetch(url: str, sent: Mapping[str, str] | None = None, who: tuple[str, str] | None = None) -> Any:
    """Ask the provider; only TLS, or this machine itself."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Untrusted(f"{url}: not by TLS")
    asked = urllib.request.Request(url, headers={"Accept": "application/json"})
    if sent is not None:
        asked.data = urllib.parse.urlencode(sent).encode()
    if who is not None:
        pair = ":".join(urllib.parse.quote(each, safe="") for each in who)
        asked.add_header("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:  # nosec B310
            found = json.loads(answer.read(MOST_ANSWER_B))
    except urllib.error.HTTPError as error:
        raise Untrusted(f"the provider answered {error.code}") from error
    if not isinstance(found, dict):
        raise Untrusted("the provider answered no JSON object")
    return found


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _provider() -> Provider:
    found: Provider | None = current_app.config.get("OIDC")
    if found is None:
        abort(404)
    return found


def _failed(error: Exception) -> Response:
    log.warning("sign-in through the provider failed: %s", error)
    page = render_template("sign_in.html", next=url_for("board.page"), failed=True)
    return Response(page, status=401, mimetype="text/html")
