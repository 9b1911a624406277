"""Sending a function that speaks to Salesforce on an errand, from one that does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from counterpart.adapters.aws import new_client, translated_errors
from counterpart.errors import InputError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda import LambdaClient

# A cold start and a dozen calls to Salesforce; the API itself has a minute.
_PATIENCE_SECONDS = 50


class LambdaErrands:
    """Invokes a function and waits for its answer.

    Args:
        function_name: Its name or ARN.
        region: `None` leaves it to botocore.
    """

    def __init__(self, function_name: str, *, region: str | None = None) -> None:
        self._function_name = function_name
        self._client: LambdaClient = new_client(
            "lambda", region=region, read_timeout=_PATIENCE_SECONDS, attempts=1
        )

    def run(self, errand: Mapping[str, object]) -> Mapping[str, object]:
        with translated_errors(f"{self._function_name} cannot be invoked"):
            answer = self._client.invoke(
                FunctionName=self._function_name,
                InvocationType="RequestResponse",
                Payload=json.dumps(errand).encode(),
            )
            text = answer["Payload"].read()
        told = json.loads(text) if text else None
        if answer.get("FunctionError") or not isinstance(told, dict):
            raise TransientError(f"{self._function_name} did not answer; its log tells why")
        if told.get("status") == "refused":
            raise InputError(str(told.get("error")), field=str(told.get("field", "")))
        return told
