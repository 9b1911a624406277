"""Serve the HTTP API to programs, behind a Function URL that checks their signatures."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from http_api.api import build

from counterpart import bootstrap, telemetry
from counterpart.settings import Environment

answer = build(bootstrap.build_api(Environment.from_environ(os.environ)))


@telemetry.logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return answer(event, context)
