"""Logging in: every flow, and every way in which it goes wrong."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from simulator import Response, Simulator
from simulator.credentials import Credentials, make_key_pair
from tests.simulator.conftest import NOON, Client, error_of

TOKEN_PATH = "/services/oauth2/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Host": "acme.my.salesforce.com"}
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def form(simulator: Simulator, values: dict[str, str], **headers: str) -> Response:
    return simulator.handle("POST", TOKEN_PATH, headers=FORM | headers, body=urlencode(values))


def by_jwt(simulator: Simulator, assertion: str) -> Response:
    return form(simulator, {"grant_type": GRANT, "assertion": assertion})


def assertion(simulator: Simulator, *, key: str | None = None, **changed: Any) -> str:
    known = simulator.credentials
    claims = {
        "iss": known.consumer_key,
        "sub": known.username,
        "aud": "https://login.salesforce.com",
        "exp": str(int(NOON.timestamp()) + 180),
    } | changed
    return jwt.encode(claims, key or known.private_key or "", algorithm="RS256")


def test_a_signed_assertion_opens_a_session(simulator: Simulator) -> None:
    """The answer has the documented shape, which lacks expires_in, and the token works."""
    response = by_jwt(simulator, assertion(simulator))

    body = response.json()
    assert response.status == 200
    assert set(body) == {
        "access_token",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
        "signature",
    }
    assert body["access_token"].startswith("00D")
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    me = simulator.handle("GET", "/services/oauth2/userinfo", headers=bearer).json()
    assert me["user_id"] == simulator.org.user_id
    assert simulator.handle("GET", "/services/data/v66.0/limits", headers=bearer).status == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"iss": "another"}, "invalid_client_id"),
        ({"sub": "nobody@example.com"}, "invalid_grant"),
        ({"aud": "https://example.com"}, "invalid_grant"),
        ({"exp": int(NOON.timestamp()) - 3600}, "invalid_grant"),
        ({"exp": int(NOON.timestamp()) + 3600}, "invalid_grant"),
        ({"exp": "soon"}, "invalid_grant"),
    ],
)
def test_a_wrong_claim_is_refused(
    simulator: Simulator, changed: dict[str, Any], error: str
) -> None:
    """Issuer, user, audience and expiry are all looked at."""
    response = by_jwt(simulator, assertion(simulator, **changed))

    assert (response.status, response.json()["error"]) == (400, error)
    assert set(response.json()) == {"error", "error_description"}


def test_another_key_is_refused(simulator: Simulator) -> None:
    """The signature is verified for real."""
    stranger, _ = make_key_pair()

    response = by_jwt(simulator, assertion(simulator, key=stranger))

    assert response.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_client_credentials_need_a_my_domain_host(simulator: Simulator) -> None:
    """They are taken in a header or the form, and nowhere near login.salesforce.com."""
    known = simulator.credentials
    pair = f"{known.consumer_key}:{known.consumer_secret}".encode()
    basic = f"Basic {base64.b64encode(pair).decode()}"
    both = {
        "grant_type": "client_credentials",
        "client_id": known.consumer_key,
        "client_secret": known.consumer_secret,
    }

    by_header = form(simulator, {"grant_type": "client_credentials"}, Authorization=basic)
    by_form = form(simulator, both)
    shared = form(simulator, both, Host="login.salesforce.com")
    wrong = form(simulator, both | {"client_secret": "guess"})

    assert (by_header.status, by_form.status) == (200, 200)
    assert (shared.status, shared.json()["error"]) == (400, "invalid_grant")
    assert (wrong.status, wrong.json()["error"]) == (400, "invalid_client")


def test_refresh_tokens_rotate(simulator: Simulator) -> None:
    """The new one has to be kept, because the old one is dead."""
    known = simulator.credentials
    old = known.refresh_token

    def refresh(token: str) -> Response:
        given = {"client_id": known.consumer_key, "client_secret": known.consumer_secret}
        return form(simulator, {"grant_type": "refresh_token", "refresh_token": token, **given})

    first, again = refresh(old), refresh(old)
    new = first.json()["refresh_token"]

    assert first.status == 200 and new != old
    assert again.json()["error"] == "invalid_grant"
    assert refresh(new).status == 200


def test_other_grants_are_not_supported(simulator: Simulator) -> None:
    """Passwords are a thing of the past."""
    password = form(simulator, {"grant_type": "password"})
    assert password.json()["error"] == "unsupported_grant_type"
    assert form(simulator, {}).json()["error"] == "invalid_request"


def test_sessions_end_when_they_are_not_used(simulator: Simulator, client: Client) -> None:
    """Each use keeps a session for as long again."""
    token = by_jwt(simulator, assertion(simulator)).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}

    def status() -> int:
        return simulator.handle("GET", "/services/data/v66.0/limits", headers=bearer).status

    client.advance(7000)
    assert status() == 200
    client.advance(7000)
    assert status() == 200
    client.advance(7201)
    assert status() == 401


def test_ended_sessions_are_refused_and_the_fixed_token_lives(client: Client) -> None:
    """A person at the keyboard keeps their token."""
    simulator = client.simulator
    token = by_jwt(simulator, assertion(simulator)).json()["access_token"]

    client.delete("/_simulator/sessions")

    bearer = {"Authorization": f"Bearer {token}"}
    refused = simulator.handle("GET", "/services/data/v66.0/limits", headers=bearer)
    assert error_of(refused) == (401, "INVALID_SESSION_ID")
    assert client.get("limits").status == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "INVALID_SESSION_ID"),
        ({"Authorization": "Bearer guess"}, "INVALID_SESSION_ID"),
        ({"Authorization": "Digest x"}, "INVALID_AUTH_HEADER"),
    ],
)
def test_nobody_gets_in_without_a_token(
    simulator: Simulator, headers: dict[str, str], code: str
) -> None:
    """Only the list of versions is open."""
    refused = simulator.handle("GET", "/services/data/v66.0/sobjects", headers=headers)

    assert error_of(refused) == (401, code)
    assert simulator.handle("GET", "/services/data/", headers=headers).status == 200


def test_credentials_are_kept_in_a_file(tmp_path: Path) -> None:
    """Made once, read afterwards, for their owner alone."""
    path = tmp_path / "local" / "credentials.json"

    made = Credentials.read_or_make(path)

    assert Credentials.read_or_make(path) == made
    assert path.stat().st_mode & 0o077 == 0
