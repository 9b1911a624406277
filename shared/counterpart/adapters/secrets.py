"""The Salesforce login, kept as JSON in AWS Secrets Manager."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from counterpart.adapters.aws import new_client, translated_errors
from counterpart.adapters.salesforce.credentials import ClientCredentials, JwtBearer
from counterpart.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_secretsmanager import SecretsManagerClient

    from counterpart.adapters.salesforce.credentials import SalesforceCredentials

# A login that was replaced is in use within this time; a busy function asks 12 times an hour.
_LASTS_SECONDS = 300.0

_SHAPES = (
    'either {"flow": "jwt_bearer", "consumer_key", "username", "private_key"} '
    'or {"flow": "client_credentials", "consumer_key", "consumer_secret"}'
)


class SecretsManagerCredentials:
    """The login in a secret, read again after a few minutes.

    Args:
        secret_arn: ARN or name of the secret.
        region: `None` leaves it to botocore.
        seconds: A clock that only goes forwards.
    """

    def __init__(
        self,
        secret_arn: str,
        *,
        region: str | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        if not secret_arn:
            raise ConfigurationError("No Salesforce secret is named: set SALESFORCE_SECRET_ARN.")
        self._secret_arn = secret_arn
        self._client: SecretsManagerClient = new_client("secretsmanager", region=region)
        self._seconds = seconds
        self._kept: tuple[float, SalesforceCredentials] | None = None

    def get(self) -> SalesforceCredentials:
        """Return them.

        Raises:
            ConfigurationError: the secret holds none; the message says what is missing.
        """
        now = self._seconds()
        if self._kept and now - self._kept[0] < _LASTS_SECONDS:
            return self._kept[1]
        with translated_errors(f"The Salesforce secret {self._secret_arn} cannot be read"):
            answer = self._client.get_secret_value(SecretId=self._secret_arn)
        credentials = parse_credentials(answer.get("SecretString", ""), name=self._secret_arn)
        self._kept = (now, credentials)
        return credentials


def parse_credentials(text: str, *, name: str) -> SalesforceCredentials:
    """Return them.that a secret's text describes.

    Args:
        text: JSON.
        name: What messages call the secret; they never quote what it holds.

    Raises:
        ConfigurationError: it describes none.
    """
    try:
        content = json.loads(text) if text.strip() else {}
    except ValueError:
        # Not chained: the parser's error quotes the text, and traces end up in logs.
        raise ConfigurationError(
            f"The secret {name} holds no JSON; it must be {_SHAPES}."
        ) from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"The secret {name} holds no JSON object; it must be {_SHAPES}.")

    match content.get("flow"):
        case "jwt_bearer":
            return JwtBearer(
                consumer_key=_required(content, "consumer_key", name),
                username=_required(content, "username", name),
                private_key=_private_key(content, name),
            )
        case "client_credentials":
            return ClientCredentials(
                consumer_key=_required(content, "consumer_key", name),
                consumer_secret=_required(content, "consumer_secret", name),
            )
        case _:
            raise ConfigurationError(f"The secret {name} names no flow; it must be {_SHAPES}.")


def _required(content: Mapping[str, object], key: str, name: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(
            f"The secret {name} has no {key} yet; fill it in, so that it is {_SHAPES}."
        )
    return value.strip()


def _private_key(content: Mapping[str, object], name: str) -> str:
    # Consoles and shells often turn the line breaks of a PEM into the two characters \ and n.
    key = _required(content, "private_key", name).replace("\\n", "\n")
    if not key.startswith("-----BEGIN ") or "PRIVATE KEY-----" not in key:
        raise ConfigurationError(
            f"The private_key in the secret {name} is not PEM; it begins with "
            "-----BEGIN PRIVATE KEY----- and keeps its line breaks, written \\n in JSON."
        )
    return key
