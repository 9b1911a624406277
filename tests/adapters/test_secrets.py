"""The Salesforce login in Secrets Manager."""

import json
from typing import Any

import pytest
from botocore.stub import Stubber

from counterpart.adapters.salesforce.credentials import ClientCredentials, JwtBearer
from counterpart.adapters.secrets import SecretsManagerCredentials, parse_credentials
from counterpart.errors import ConfigurationError, CounterpartError, TransientError

PEM = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"
JWT = {"flow": "jwt_bearer", "consumer_key": "key", "username": "ada@example.com"}
NAME = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:login"


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    """Return a clock."""
    return Seconds()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch, seconds: Seconds) -> SecretsManagerCredentials:
    """Return credentials whose secret is written by the test."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return SecretsManagerCredentials(NAME, region="eu-central-1", seconds=seconds)


@pytest.fixture
def answers(credentials: SecretsManagerCredentials) -> Stubber:
    """Return what writes the answers."""
    stubber = Stubber(credentials._client)
    stubber.activate()
    return stubber


def _secret(consumer_secret: str) -> dict[str, Any]:
    content = {
        "flow": "client_credentials",
        "consumer_key": "key",
        "consumer_secret": consumer_secret,
    }
    return {"SecretString": json.dumps(content)}


def test_a_login_is_kept_for_five_minutes(
    credentials: SecretsManagerCredentials, answers: Stubber, seconds: Seconds
) -> None:
    """Then a login that was replaced is found."""
    answers.add_response("get_secret_value", _secret("old"), {"SecretId": NAME})
    answers.add_response("get_secret_value", _secret("new"), {"SecretId": NAME})

    first = credentials.get()
    seconds.now = 299
    kept = credentials.get()
    seconds.now = 300
    later = credentials.get()

    assert first == kept == ClientCredentials(consumer_key="key", consumer_secret="old")
    assert later == ClientCredentials(consumer_key="key", consumer_secret="new")


def test_a_login_that_was_not_there_is_looked_for_again(
    credentials: SecretsManagerCredentials, answers: Stubber
) -> None:
    """Who fills in the secret need not wait."""
    answers.add_response("get_secret_value", {"SecretString": "{}"})
    answers.add_response("get_secret_value", _secret("new"))

    with pytest.raises(ConfigurationError):
        credentials.get()

    assert credentials.get() == ClientCredentials(consumer_key="key", consumer_secret="new")


def test_a_signed_login() -> None:
    """The key's line breaks come back, also when a console has written them out."""
    expected = JwtBearer(consumer_key="key", username="ada@example.com", private_key=PEM)

    assert parse_credentials(json.dumps(JWT | {"private_key": PEM}), name=NAME) == expected
    written_out = PEM.replace("\n", "\\n")
    assert parse_credentials(json.dumps(JWT | {"private_key": written_out}), name=NAME) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no flow"),
        ("   ", "names no flow"),
        ("{}", "names no flow"),
        ('{"flow": "password"}', "names no flow"),
        ("hunter2", "no JSON"),
        ('"hunter2"', "no JSON object"),
        (
            '{"flow": "jwt_bearer", "consumer_key": "", "username": "", "private_key": ""}',
            "has no consumer_key yet",
        ),
        (json.dumps(JWT), "has no private_key yet"),
        (json.dumps(JWT | {"private_key": "hunter2"}), "is not PEM"),
        (json.dumps(JWT | {"private_key": 7}), "has no private_key yet"),
        ('{"flow": "client_credentials", "consumer_key": "key"}', "has no consumer_secret yet"),
    ],
)
def test_a_secret_that_holds_no_login(text: str, says: str) -> None:
    """The owner reads what is missing, and nobody reads what is there."""
    with pytest.raises(ConfigurationError, match=says) as caught:
        parse_credentials(text, name=NAME)

    assert NAME in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_secret_is_named() -> None:
    """An empty setting is told at once."""
    with pytest.raises(ConfigurationError, match="SALESFORCE_SECRET_ARN"):
        SecretsManagerCredentials("")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ResourceNotFoundException", ConfigurationError),
        ("AccessDeniedException", ConfigurationError),
        ("DecryptionFailure", ConfigurationError),
        ("InternalServiceError", TransientError),
    ],
)
def test_a_refusal_is_told_in_our_words(
    credentials: SecretsManagerCredentials,
    answers: Stubber,
    code: str,
    error: type[CounterpartError],
) -> None:
    """No vendor's exception leaves the adapter."""
    answers.add_client_error("get_secret_value", code)

    with pytest.raises(error, match=code):
        credentials.get()
