"""Signing in: once for all, again when the token has ended, and never in a storm."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from counterpart.adapters.salesforce.composite import Part
from counterpart.adapters.salesforce.credentials import JwtBearer
from counterpart.errors import AuthenticationError, TransientError
from tests.adapters.salesforce.wire import ENDED, NOON, Reply, Wire, bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.adapters.salesforce.client import SalesforceClient

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()
REVOKED = Reply(status=400, body={"error": "invalid_grant", "error_description": "revoked"})


def test_nothing_is_asked_before_the_first_call(wire: Wire, client: SalesforceClient) -> None:
    """A function that starts costs nothing until it has work."""
    assert wire.sign_ins == []

    wire.says({})
    wire.says({})
    client.get("limits")
    client.get("limits")

    assert len(wire.sign_ins) == 1
    assert [bearer(request) for request in wire.requests] == ["token-1", "token-1"]


@pytest.mark.parametrize("domain", ["login", "test", "acme.my", "acme--dev.sandbox.my"])
def test_a_signed_assertion_says_who_asks_and_for_whom(
    wire: Wire, connect: Callable[..., SalesforceClient], domain: str
) -> None:
    """The audience is the host that is asked; the assertion ends within three minutes."""
    client = connect(
        JwtBearer(consumer_key="key", username="bot@acme.example", private_key=PEM), domain
    )
    wire.says({})

    client.get("limits")

    sign_in = wire.sign_ins[0]
    form = parse_qs(str(sign_in.body))
    claims = jwt.decode(
        form["assertion"][0],
        KEY.public_key(),
        algorithms=["RS256"],
        audience=f"https://{domain}.salesforce.com",
        options={"verify_exp": False},
    )
    assert sign_in.url == f"https://{domain}.salesforce.com/services/oauth2/token"
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert (claims["iss"], claims["sub"]) == ("key", "bot@acme.example")
    assert 0 < claims["exp"] - NOON.timestamp() <= 180


def test_the_apps_own_credentials_travel_as_basic_authorisation(
    wire: Wire, client: SalesforceClient
) -> None:
    """They belong in a header, where no log of forms finds them."""
    wire.says({})

    client.get("limits")

    sign_in = wire.sign_ins[0]
    expected = base64.b64encode(b"key:secret").decode()
    assert sign_in.headers["Authorization"] == f"Basic {expected}"
    assert sign_in.body == "grant_type=client_credentials"


def test_a_key_that_is_none_is_an_authentication_error(
    connect: Callable[..., SalesforceClient],
) -> None:
    """The message does not quote it."""
    client = connect(JwtBearer(consumer_key="key", username="bot", private_key="no such key"))

    with pytest.raises(AuthenticationError, match="not an RSA key") as caught:
        client.get("limits")

    assert "no such key" not in str(caught.value)


@pytest.mark.failure("F31")
def test_a_session_that_expired_mid_run_is_renewed_and_the_request_replayed(
    wire: Wire, client: SalesforceClient
) -> None:
    """F31: one sign-in, the same request again, with every header that it had."""
    wire.says({})
    client.get("limits")
    wire.says(ENDED, status=401)
    wire.says({"fresh": True})

    body = client.get("limits")

    assert body == {"fresh": True}
    assert len(wire.sign_ins) == 2
    before, after = wire.requests[-2:]
    assert (bearer(before), bearer(after)) == ("token-1", "token-2")
    assert before.url == after.url
    for name in ("Sforce-Auto-Assign", "Sforce-Call-Options", "Sforce-Query-Options"):
        assert before.headers[name] == after.headers[name]


@pytest.mark.failure("F31")
def test_a_session_that_expired_within_a_composite_costs_only_the_parts_it_hit(
    wire: Wire, client: SalesforceClient
) -> None:
    """F31: what was done is not done again; the rest is asked for with a fresh token."""
    parts = [Part(method="PATCH", path=f"part-{number}") for number in range(3)]
    wire.says_in_parts((200, ["done"]), (401, ENDED), (401, ENDED))
    wire.says_in_parts((200, ["second"]), (200, ["third"]))

    answer = client.composite(parts, repeatable=False)

    assert [part.body for part in answer.parts] == [["done"], ["second"], ["third"]]
    assert [part["url"] for part in wire.asked()] == [
        "/services/data/v66.0/part-1",
        "/services/data/v66.0/part-2",
    ]
    assert len(wire.sign_ins) == 2


@pytest.mark.parametrize("inside", [False, True])
def test_a_fresh_token_that_is_refused_as_well_ends_it(
    wire: Wire, client: SalesforceClient, *, inside: bool
) -> None:
    """F31: a second refusal is an authentication error, not another round."""
    for _ in range(2):
        if inside:
            wire.says_in_parts((401, ENDED))
        else:
            wire.says(ENDED, status=401)

    with pytest.raises(AuthenticationError):
        client.composite([Part(method="GET", path="limits")], repeatable=True)

    assert len(wire.sign_ins) == 2
    assert len(wire.requests) == 2


@pytest.mark.failure("F31")
def test_threads_whose_session_expired_share_one_renewal(
    wire: Wire, client: SalesforceClient
) -> None:
    """F31: eight threads, one sign-in, no storm."""
    wire.says({})
    client.get("limits")
    wire.ended_tokens, wire.gathering = {"token-1"}, Barrier(8)
    for _ in range(8):
        wire.says({"fresh": True})

    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(client.get, ["limits"] * 8))

    assert bodies == [{"fresh": True}] * 8
    assert len(wire.sign_ins) == 2


@pytest.mark.failure("F33")
def test_threads_whose_grant_was_revoked_share_one_refusal(
    wire: Wire, client: SalesforceClient
) -> None:
    """F33: one of them tries in vain, for all."""
    wire.says({})
    client.get("limits")
    wire.ended_tokens, wire.gathering = {"token-1"}, Barrier(8)
    wire.token_replies.append(REVOKED)

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(client.get, "limits") for _ in range(8)]

    assert {type(call.exception()) for call in calls} == {AuthenticationError}
    assert len(wire.sign_ins) == 2


@pytest.mark.failure("F33")
def test_a_grant_that_was_revoked_is_one_clear_error(wire: Wire, client: SalesforceClient) -> None:
    """F33: no second attempt hammers at a closed door; the words are Salesforce's."""
    wire.token_replies.append(REVOKED)

    with pytest.raises(AuthenticationError, match="invalid_grant revoked"):
        client.get("limits")

    assert len(wire.sign_ins) == 1
    assert wire.requests == []
    assert wire.pauses == []


@pytest.mark.failure("F33")
@pytest.mark.parametrize("signed_in", [False, True])
def test_work_goes_on_after_the_grant_was_given_back(
    wire: Wire, client: SalesforceClient, *, signed_in: bool
) -> None:
    """F33: the next run signs in again by itself, also where a session had begun before."""
    if signed_in:
        wire.says({})
        client.get("limits")
        wire.ended_tokens = {"token-1"}
    wire.token_replies.append(REVOKED)
    with pytest.raises(AuthenticationError):
        client.get("limits")
    wire.says({"back": True})

    assert client.get("limits") == {"back": True}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=503, body="<html>Down for maintenance</html>"),
        Reply(status=503, body=[{"errorCode": "SERVER_UNAVAILABLE", "message": ""}]),
        Reply(status=429, body={}),
        Reply(status=200, body="<html>Welcome</html>"),
        Reply(error=requests.ConnectionError()),
    ],
)
def test_a_sign_in_page_in_trouble_passes(
    wire: Wire, client: SalesforceClient, reply: Reply
) -> None:
    """A page of HTML is no verdict on our credentials; a little later it works."""
    wire.token_replies.append(reply)
    wire.says({"in": True})

    assert client.get("limits") == {"in": True}
    assert len(wire.pauses) == 1


def test_a_sign_in_page_that_stays_in_trouble_is_a_passing_error(
    wire: Wire, client: SalesforceClient
) -> None:
    """Nobody need be called for an outage of theirs."""
    wire.token_replies.extend([Reply(status=503, body="<html></html>")] * 3)

    with pytest.raises(TransientError):
        client.get("limits")
