"""Handing over to the next invocation of the same Lambda function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from counterpart.adapters.aws import new_client, translated_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda import LambdaClient


class LambdaSuccessor:
    """Invokes a function asynchronously.

    Args:
        function_name: Name or ARN, our own.
        region: `None` leaves it to botocore.
    """

    def __init__(self, function_name: str, *, region: str | None = None) -> None:
        self._function_name = function_name
        self._client: LambdaClient = new_client("lambda", region=region)

    def start(self, payload: Mapping[str, object]) -> None:
        """Start it; Lambda has the event in its queue once this returns."""
        with translated_errors(f"{self._function_name} cannot be invoked"):
            self._client.invoke(
                FunctionName=self._function_name,
                InvocationType="Event",
                Payload=json.dumps(payload).encode(),
            )
