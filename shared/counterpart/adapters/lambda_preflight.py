"""Asking the function that speaks to Salesforce for a preflight, from one that does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from counterpart.adapters.aws import new_client, translated_errors
from counterpart.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda import LambdaClient

# A cold start and a dozen calls to Salesforce; the API itself has a minute.
_PATIENCE_SECONDS = 50


class LambdaPreflight:
    """Invokes `create_records` and waits for its answer.

    Args:
        function_name: Its name or ARN.
        region: `None` leaves it to botocore.
    """

    def __init__(self, function_name: str, *, region: str | None = None) -> None:
        self._function_name = function_name
        self._client: LambdaClient = new_client(
            "lambda", region=region, read_timeout=_PATIENCE_SECONDS, attempts=1
        )

    def run(self) -> Mapping[str, object]:
        with translated_errors(f"{self._function_name} cannot be invoked"):
            answer = self._client.invoke(
                FunctionName=self._function_name,
                InvocationType="RequestResponse",
                Payload=json.dumps({"preflight": True}).encode(),
            )
            text = answer["Payload"].read()
        told = json.loads(text) if text else None
        if answer.get("FunctionError") or not isinstance(told, dict) or "findings" not in told:
            raise TransientError(f"{self._function_name} did not answer; its log tells why")
        return told
